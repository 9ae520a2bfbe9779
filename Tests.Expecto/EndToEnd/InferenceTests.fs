/// The Open Inference Protocol in front of the real worker and the real model.
module Tests.Expecto.EndToEnd.InferenceTests

open System
open System.IO
open System.Net.Http
open System.Runtime.InteropServices
open System.Text.Json
open Expecto
open Tests.Expecto

let private pictureOf name =
    File.ReadAllBytes(Path.Combine(Repository.root, "samples", $"{name}.png"))

let private names = [ "daisy"; "hourglass"; "jellyfish" ]

/// An element of BYTES as binary data.
let private element (bytes: byte[]) =
    Array.append (BitConverter.GetBytes bytes.Length) bytes

let private batch =
    testTask "a batch as binary data: each row equals /api/classify's result for that picture" {
        use! web = Nodes.service [] []
        let pictures = List.map pictureOf names
        let binary = pictures |> List.map element |> Array.concat

        let head =
            JsonSerializer.SerializeToUtf8Bytes
                {|
                    inputs =
                        [|
                            {|
                                name = "image"
                                shape = [| names.Length |]
                                datatype = "BYTES"
                                parameters = {| binary_data_size = binary.Length |}
                            |}
                        |]
                    outputs =
                        [|
                            {|
                                name = "probabilities"
                                parameters = {| binary_data = true |}
                            |}
                        |]
                |}

        use content = new ByteArrayContent(Array.append head binary)
        content.Headers.Add("Inference-Header-Content-Length", string head.Length)
        let! answer = web.Client.PostAsync("/v2/models/squeezenet1_1/infer", content)
        let! body = answer.Content.ReadAsByteArrayAsync()
        Expect.equal (int answer.StatusCode) 200 (Text.Encoding.UTF8.GetString body)

        let length =
            int (Seq.head (answer.Headers.GetValues "Inference-Header-Content-Length"))

        let values = MemoryMarshal.Cast<byte, float32>(body.AsSpan length).ToArray()
        Expect.hasLength values (1000 * names.Length) "a row for each"

        for index, picture in List.indexed pictures do
            let row = values[1000 * index .. 1000 * index + 999]
            Expect.floatClose Accuracy.medium (row |> Array.sumBy float) 1.0 "probabilities add up"
            use one = new ByteArrayContent(picture)
            let! response = web.Client.PostAsync("/api/classify?top=1000", one)
            let! text = response.Content.ReadAsStringAsync()
            use response = JsonDocument.Parse text

            for found in response.RootElement.GetProperty("predictions").EnumerateArray() do
                let probability = row[found.GetProperty("index").GetInt32()]

                Expect.floatClose
                    Accuracy.medium
                    (float probability)
                    (found.GetProperty("probability").GetDouble())
                    names[index]

            let best = response.RootElement.GetProperty("predictions")[0]
            Expect.equal (string (best.GetProperty "label")) names[index] "and it is that"
    }

let tests = testList "InferenceModel" [ batch ]
