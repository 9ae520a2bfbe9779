module Web.Giraffe.Program
[<EntryPoint>]
let main _ = 0
