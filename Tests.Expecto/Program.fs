module Tests.Expecto.Program
[<EntryPoint>]
let main _ = 0
