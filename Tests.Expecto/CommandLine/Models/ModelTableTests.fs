/// Every model of the mirror through the API, `/v2` and `./recognize`, against the reference answers.
module Tests.Expecto.CommandLine.ModelTableTests

open System
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker
open Tests.Expecto.CommandLine.ModelTable

let tests =
    testTask "for every model of the mirror the API, /v2, ./recognize and the reference agree" {
        use catalog = new ModelFolders.Catalog()

        for model in models do
            do! model.Add catalog

        let port = Nodes.freePort ()

        use! worker =
            Nodes.worker
                port
                [
                    $"--models={catalog.Root}"
                    "--model=squeezenet1_1"
                    "--offline"
                    "--max-models=32"
                ]

        use! web = Nodes.web [ port ] [ "--Pool:CheckSeconds=1" ]

        do!
            worker.UntilAsync(
                "serving every model",
                TimeSpan.FromSeconds 120.0,
                fun () ->
                    task {
                        let! _, answer = web.Get "/api/models"

                        return
                            answer.GetProperty("models").EnumerateArray()
                            |> Seq.filter (fun model -> string (model.GetProperty "state") = "ready")
                            |> Seq.length
                                =
                                models.Length
                    }
            )

        for model in models do
            let! here = local catalog model.Id

            for image in images do
                let! (label, byApi), (labelIn, byInference) =
                    ask web model.Id (ModelFolders.photograph image)

                let labelHere, byProgram = here[image]

                Expect.equal (labelIn, labelHere) (label, label) $"{model.Id}, {image}: one class"
                Expect.floatClose Accuracy.medium byInference byApi $"{model.Id}, {image}: /v2"
                Expect.floatClose Accuracy.medium byProgram byApi $"{model.Id}, {image}: ./recognize"

                match model.Reference with
                | None -> ()
                | Some reference ->
                    let named, probability = references.Value reference image
                    // An 8-bit network with a JPEG that is decoded at a reduced scale.
                    let tolerance =
                        if model.Id = "mobilenetv2" && image = "dog.jpg" then
                            0.05
                        else
                            model.Tolerance

                    Expect.equal label named $"{model.Id}, {image}: the class"

                    Expect.isLessThan
                        (abs (byApi - probability))
                        tolerance
                        $"{model.Id}, {image}: {byApi}, the reference {probability}"
    }
    |> List.singleton
    |> testList "ModelTable"
