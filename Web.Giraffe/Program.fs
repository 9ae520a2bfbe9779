module Web.Giraffe.Program

[<EntryPoint>]
let main arguments =
    WebNode.run arguments (fun settings builder -> WorkerServices.add settings builder.Services)
