/// Inference requests of the Open Inference Protocol V2 over HTTP: JSON, JSON followed by binary data, or a raw picture.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.InferHandlers

open System
open System.Buffers
open System.Globalization
open System.Text.Json
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Microsoft.AspNetCore.Http.Json
open Microsoft.Extensions.DependencyInjection
open Microsoft.Extensions.Options
open Giraffe
open Node.Hosting
open Web.Giraffe
open Web.Giraffe.Inference

/// The header with the length of the JSON, if binary data follow it.
[<Literal>]
let LengthHeader = "Inference-Header-Content-Length"

/// Returns the JSON's length if binary data follow it.
let private jsonLength (context: HttpContext) : Result<int64 voption, Problem> =
    match string context.Request.Headers[LengthHeader] with
    | "" -> Ok ValueNone
    | text ->
        match Int32.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture) with
        | true, length -> Ok(ValueSome(int64 length))
        | _ -> Error(Problem.wrong $"{LengthHeader} is the length of the JSON in bytes, not '{text}'.")

/// Receives JSON alone, JSON followed by binary data, or one raw picture. `reading` reads the JSON.
let private receive
    (services: AppServices)
    (model: InferenceModel)
    (reading: InferenceJsonRequest.Body -> Result<GivenInference, string>)
    (json: JsonIntake)
    (lease: UploadLease)
    length
    (context: HttpContext)
    =
    let most = services.Settings.MaxRequest
    let tooLarge bytes = RequestTooLarge(most, bytes)

    let readBinary () =
        Upload.readAll (int most) lease.Blocks context.Request.Body context.RequestAborted

    let read binary =
        // Short strings are decoded in one piece.
        if json.Claim.TryTake(int64 json.Json.Length * 3L / 4L) then
            reading
                {
                    Json = json.Json
                    Binary = binary
                    Resolve = json.Resolve
                    PlaceInBody = fun line place -> json.PlaceInBody(line, place)
                    TryTake = json.Claim.TryTake
                }
            |> Result.mapError Problem.wrong
        else
            Error(UploadFault.problem OutOfRoom)

    let receiving () =
        task {
            match length with
            | ValueSome 0L ->
                let! picture = readBinary ()
                return picture |> Result.map (InferenceJsonRequest.raw model >> Ok)
            | _ ->
                let most = ValueOption.defaultValue Int64.MaxValue length
                let! received = json.Receive(context.Request.Body, most, context.RequestAborted)

                match json.Fault, length with
                | _ when json.IsPicture ->
                    return
                        Ok(
                            Error(
                                Problem.wrong
                                    $"The body is a picture, not JSON. Send it with the header {LengthHeader}: 0, or in base64 within the JSON."
                            )
                        )
                | Some problem, _ -> return Ok(Error problem)
                | None, ValueNone -> return Ok(read ReadOnlySequence.Empty)
                | None, ValueSome length when received < length ->
                    return
                        Ok(
                            Error(
                                Problem.wrong
                                    $"{LengthHeader} is the length of the JSON, up to the {received} bytes of the body, not '{length}'."
                            )
                        )
                | None, ValueSome _ ->
                    let! binary = readBinary ()
                    return Result.map read binary
        }

    task {
        let! received = Upload.bounded tooLarge most context receiving
        return received |> Result.mapError UploadFault.problem |> Result.bind id
    }

let private send (options: JsonSerializerOptions) (response: InferenceResponse) (binary: byte[]) : HttpHandler =
    handleContext (fun context ->
        task {
            let head = JsonSerializer.SerializeToUtf8Bytes(response, options)
            let answer = context.Response

            if response.Outputs |> Array.exists _.Parameters.IsSome then
                answer.ContentType <- "application/octet-stream"
                answer.Headers[LengthHeader] <- string head.Length
            else
                answer.ContentType <- "application/json"

            answer.ContentLength <- int64 head.Length + int64 binary.Length
            do! answer.Body.WriteAsync(ReadOnlyMemory head, context.RequestAborted)
            do! answer.Body.WriteAsync(ReadOnlyMemory binary, context.RequestAborted)
            return Some context
        })

/// Answers a request whose JSON `reading` reads. The answer is sent before the memory of its pictures is released.
let answer
    (services: AppServices)
    (reading: InferenceJsonRequest.Body -> Result<GivenInference, string>)
    (lengthOf: HttpContext -> Result<int64 voption, Problem>)
    (sending: HttpContext -> InferenceResult -> HttpHandler)
    (model: InferenceModel)
    : HttpHandler =
    fun next context ->
        task {
            let claim = (RequestBody.ofContext context).Claim
            use lease = new UploadLease(claim)
            use json = new JsonIntake(ModelRepository.limits services, claim)

            let! given =
                match lengthOf context with
                | Error problem -> Task.FromResult(Error problem)
                | Ok length -> receive services model reading json lease length context

            // The guard has taken the first picture from the allowance.
            let! inferred =
                InferenceService.infer services context context.RequestAborted model 1 given

            if inferred.IsDone then
                lease.Done()
                json.Done()

            match inferred.Result with
            | Error problem -> return! AppServices.inferenceError problem next context
            | Ok result -> return! sending context result next context
        }

let infer (services: AppServices) name version : HttpHandler =
    let sending (context: HttpContext) result =
        let options =
            context.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions

        let response, binary = InferenceAnswer.toJson result
        send options response binary

    InferenceHandlers.known services name version (answer services InferenceJsonRequest.read jsonLength sending)
