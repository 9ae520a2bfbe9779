/// `recognize models`: what a model takes, and a model of one's own in one command.
module Tests.Expecto.CommandLine.ModelsTests

open System.IO
open Expecto
open Tests.Expecto
open Tests.Expecto.Worker

let private run arguments = Recognize.run ("models" :: arguments)

let tests =
    testList
        "models"
        [
            testTask "inspect shows what the model has and lacks" {
                let! result = run [ "inspect"; ModelFolders.mobilenet.Value ]
                Expect.equal result.Code 0 result.Err
                Expect.stringContains result.Out "input: float32 [?,3,224,224]" "the input"
                Expect.stringContains result.Out "--labels FILE" "what is missing"
            }

            testTask "add creates a model for --model" {
                use catalog = new ModelFolders.Catalog()
                let folder = [ "--models"; catalog.Root ]

                let! result =
                    run (
                        [
                            "add"
                            ModelFolders.mobilenet.Value
                            "--labels"
                            ModelFolders.imagenet.Value
                            "--id"
                            "mine"
                        ]
                        @ folder
                    )

                Expect.equal result.Code 0 result.Err
                Expect.stringContains result.Out "--model mine" "how to use it"
                Expect.equal (result.Lines |> Array.filter _.StartsWith("  ")).Length 5 "five classes of a sample"

                let picture = Path.Combine(Pictures.images, "beaver.jpg")

                let! used = Recognize.run ([ picture; "--model"; "mine"; "--top"; "1" ] @ folder)

                Expect.stringContains used.Out "beaver" used.Err
            }

            testTask "add says why it fails" {
                use catalog = new ModelFolders.Catalog()
                let! result = run [ "add"; ModelFolders.mobilenet.Value; "--models"; catalog.Root ]
                Expect.equal result.Code 1 "failed"
                Expect.stringContains result.Err "there are no labels" "why"
            }
        ]
