/// The size step's parameters: their text, and the answer's JSON.
module Tests.Expecto.Protocol.ExtendedTests

open System
open Expecto
open Protocol.Core
open Tests.Expecto.Protocol
open Tests.Expecto.Protocol.Generators
open Tests.Expecto.Protocol.ExtendedScript

let private read (parameters: string) =
    Parameters.tryRead (ReadOnlySpan(Bytes.ofText parameters))

let private values =
    testList
        "values"
        [
            let recognition =
                { Recognition.ofPredictions [| { Label = "dog"; Probability = 0.9 } |] with
                    Values = [| 1.0f; -2.5f |]
                }

            let withValues values = { recognition with Values = values }

            test "values are finite" {
                let validate =
                    RecognitionValidation.validate
                        { Parameters.extended with
                            Tensor = true
                        }

                Expect.equal (validate recognition) (Ok recognition) "finite ones"

                for wrong in [ nanf; infinityf; -infinityf ] do
                    Expect.equal (validate (withValues [| 1.0f; wrong |])) (Error ValueNotFinite) $"{wrong}"
            }

            test "values that were not requested are ignored" {
                let validated =
                    RecognitionValidation.validate Parameters.extended (withValues [| nanf |])

                Expect.equal validated (Ok(withValues [||])) "as maps are"
            }

            test "the bounds of a map are finite" {
                let validate =
                    RecognitionValidation.validate
                        { Parameters.extended with
                            Explain = true
                        }

                for lowest, highest in [ -infinity, 1.0; 0.0, infinity; nan, nan ] do
                    let map =
                        {
                            Index = -1
                            Width = 1
                            Height = 1
                            Lowest = lowest
                            Highest = highest
                            Cells = [| 0uy |]
                        }

                    Expect.equal
                        (validate { recognition with Maps = [| map |] })
                        (Error MapNotOfClass)
                        $"{lowest} to {highest}"
            }
        ]

let private texts =
    testList
        "parameters"
        [
            testPropertyWithConfig config "the parameters' text reads back"
            <| fun (parameters: Parameters) ->
                let text = Parameters.write parameters

                text = "" && Parameters.isNone parameters
                || read (text.Substring 1) = Ok parameters

            testPropertyWithConfig config "a size with parameters reads back, however it is split"
            <| fun (parameters: Parameters) (cuts: int list) ->
                let bytes = Bytes.written (Message.Size(400, parameters))

                bytes.Length <= 1024
                && FrameReader.size 1000 (Bytes.inPieces cuts bytes) =
                    Frame(struct (400, parameters), int64 bytes.Length)

            test "invalid parameters are refused" {
                for wrong, reason in
                    [
                        "Raw", UnknownParameter "Raw"
                        "top", ParameterValue "top"
                        "top=-1", ParameterValue "top"
                        "top=99999", ParameterValue "top"
                        "raw;blue", UnknownParameter "blue"
                        "raw;", UnknownParameter ""
                        "blue=1", UnknownParameter "blue"
                        "top=", ParameterValue "top"
                        "top=+5", ParameterValue "top"
                        "r\u00E4w", UnknownParameter "r\u00E4w"
                        "trace=00-4bf92f3577b34da6a3ce929d0e0e473600f067aa0ba902b7-0-01", ParameterValue "trace"
                        "trace=00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01", ParameterValue "trace"
                        "trace=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0-", ParameterValue "trace"
                    ] do
                    Expect.equal (read wrong) (Error reason) wrong
            }

            test "CRC-32C is the standard's: 123456789 has e3069283" {
                Expect.equal
                    (text (Message.Result(ReadOnlyMemory "123456789"B, { Parameters.none with Crc32c = true })))
                    "D 123456789 =e3069283"
                    "RFC 3720's check value"
            }
        ]

let private json =
    testPropertyWithConfig config "a recognition reads back from JSON, digit for digit"
    <| fun (predictions: Prediction list) (cells: byte[]) (asked: uint32) ->
        let recognition =
            { Recognition.ofPredictions (Array.ofList predictions) with
                Model = "squeezenet1_1"
                Times =
                    [|
                        {
                            Stage = "decode"
                            Milliseconds = 3.25
                        }
                    |]
                Maps =
                    [|
                        if cells.Length > 0 && cells.Length <= 256 then
                            {
                                Index = 3
                                Width = cells.Length
                                Height = 1
                                Lowest = -1.5
                                Highest = 20.125
                                Cells = cells
                            }
                    |]
            }

        RecognitionJson.tryRead asked (RecognitionJson.write asked recognition) = Ok(Ok recognition)

let private noise =
    testPropertyWithConfig { config with maxTest = 10_000 } "no bytes make the JSON reader throw"
    <| fun (Noise noise) ->
        match RecognitionJson.tryRead 0u (Array.concat [ "{\"predictions\":["B; noise; "]}"B ]) with
        | Ok _
        | Error _ -> true

let tests =
    testList
        "Extended"
        [
            values
            texts
            ExtendedClientTests.tests
            ExtendedWorkerTests.tests
            json
            noise
        ]
