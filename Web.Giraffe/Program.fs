module Web.Giraffe.Program

[<EntryPoint>]
let main arguments = WebNode.run arguments (fun _ -> Ok())
