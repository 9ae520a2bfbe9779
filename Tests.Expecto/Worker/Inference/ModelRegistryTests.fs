/// The worker's description of its models is one that a web node reads.
module Tests.Expecto.Worker.ModelRegistryTests

open Expecto
open Protocol.Core
open Worker.Inference

let private described (registry: ModelRegistry) = registry.Describe(System.Nullable())

let tests =
    testList
        "ModelRegistry"
        [
            test "a long reason of several lines is cut to the readable length" {
                use registry = new ModelRegistry("a", 2)
                registry.Fail("a", "first line\n" + String.replicate 2000 "x")
                let served = described registry
                Expect.isTrue (ServedModels.isValid served) "valid"
                Expect.stringStarts served.Models[0].Error "first line x" "one line"
            }

            test "no more models are described than a web node reads" {
                use registry = new ModelRegistry("a", 2)

                for index in 1..300 do
                    registry.Fail($"model{index}", "the limit of 16 models is reached")

                let served = described registry
                Expect.equal served.Models.Length 256 "described"
                Expect.isTrue (ServedModels.isValid served) "valid"

                match
                    RecognitionJson.writeError 0u (Refusal.create "x" "")
                    |> ServedModelsJson.tryRead 0u
                with
                | Ok(Error refusal) -> Expect.equal refusal.Reason "x" "a refusal in its place"
                | other -> failtest $"{other}"

                Expect.equal (ServedModelsJson.tryRead 0u (ServedModelsJson.write 0u served)) (Ok(Ok served)) "read"
            }

            test "every change gives the list another revision, and the same list the same revision" {
                use registry = new ModelRegistry("a", 2)
                let empty = registry.Revision
                registry.Fail("a", "broken")
                let broken = registry.Revision
                Expect.notEqual broken empty "another one"
                registry.Remove "a"
                Expect.equal registry.Revision empty "the same"
            }
        ]
