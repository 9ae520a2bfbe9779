module Web.Giraffe.Program

[<EntryPoint>]
let main arguments =
    WebNode.run arguments (fun builder -> Engine.add builder.Configuration builder.Services)
