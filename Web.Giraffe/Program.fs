module Web.Giraffe.Program

[<EntryPoint>]
let main arguments =
    WebNode.run arguments (fun builder -> WorkerServices.add builder.Configuration builder.Services)
