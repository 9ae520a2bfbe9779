namespace Web.Giraffe.Inference

open System.IO
open System.Text.Json

/// Writes answers of KServe's V1 protocol.
[<RequireQualifiedAccess>]
module PredictJson =

    let status (ready: bool) (model: InferenceModel) : ModelStatusV1 =
        {
            Name = model.Name
            Ready = ready
            ModelVersionStatus =
                [|
                    for version in model.Versions ->
                        {
                            Version = version
                            State = if ready then "AVAILABLE" else "LOADING"
                        }
                |]
        }

    let private writeElement (json: Utf8JsonWriter) (values: Tensor) (index: int) =
        match values with
        | Numbers numbers -> json.WriteNumberValue numbers[index]
        | Texts texts -> json.WriteStringValue texts[index]
        | Pictures _
        | Unread _ -> json.WriteNullValue()

    /// Writes one row of an output; a row of one element is that element.
    let private writeRow (json: Utf8JsonWriter) (output: InferenceOutput) (row: int) =
        let width = output.Shape |> Seq.skip 1 |> Seq.fold (*) 1

        if width = 1 then
            writeElement json output.Values row
        else
            json.WriteStartArray()

            for index in row * width .. row * width + width - 1 do
                writeElement json output.Values index

            json.WriteEndArray()

    let private writeRows (json: Utf8JsonWriter) (result: InferenceResult) count =
        json.WriteStartArray "predictions"

        for row in 0 .. count - 1 do
            match result.Outputs with
            // TensorFlow Serving names outputs only where there are several.
            | [ only ] -> writeRow json only row
            | outputs ->
                json.WriteStartObject()

                for output in outputs do
                    json.WritePropertyName output.Name
                    writeRow json output row

                json.WriteEndObject()

        json.WriteEndArray()

    let private writeColumns (json: Utf8JsonWriter) (result: InferenceResult) count =
        let writeColumn (output: InferenceOutput) =
            json.WriteStartArray()

            for row in 0 .. count - 1 do
                writeRow json output row

            json.WriteEndArray()

        json.WritePropertyName "outputs"

        match result.Outputs with
        | [ only ] -> writeColumn only
        | outputs ->
            json.WriteStartObject()

            for output in outputs do
                json.WritePropertyName output.Name
                writeColumn output

            json.WriteEndObject()

    /// Writes an answer in the form of its request.
    let write (isColumnar: bool) (result: InferenceResult) : byte[] =
        let count = result.Outputs |> List.map (fun output -> output.Shape[0]) |> List.max
        use stream = new MemoryStream()

        do
            use json = new Utf8JsonWriter(stream)
            json.WriteStartObject()

            if isColumnar then
                writeColumns json result count
            else
                writeRows json result count

            json.WriteEndObject()

        stream.ToArray()
