/// `POST /fetch`: a picture from another server, for the page.
[<RequireQualifiedAccess>]
module Web.Giraffe.Handlers.FetchHandlers

open System
open System.Buffers
open System.Threading.Tasks
open Microsoft.AspNetCore.Http
open Giraffe
open Web.Giraffe

let private coded code status title detail =
    { Problem.create status title detail with
        Code = Some code
    }

let private failed status detail =
    coded "fetch-failed" status "Can't fetch the picture" detail

let private problem fault =
    match fault with
    | FetchFault.NotAnAddress ->
        coded "not-an-address" 400 "Not an address" "Enter a picture's address that begins with http:// or https://."
    | FetchFault.NotAllowed host ->
        coded
            "fetch-not-allowed"
            403
            "Not allowed"
            $"This server doesn't fetch from {host}. Save the picture, then choose the file."
    | FetchFault.Unreachable host -> failed 502 $"{host} can't be reached. Check the address, then try again."
    | FetchFault.Answered status ->
        failed 502 $"The other server answered with {status}. Check the address, then try again."
    | FetchFault.TooManyRedirects -> failed 502 "The address redirects too often."
    | FetchFault.TooLong limit -> UploadFault.problem (TooLarge(limit, 0L))
    | FetchFault.TooSlow ->
        coded
            "fetch-slow"
            504
            "Can't fetch the picture"
            "The other server is too slow. Try again, or save the picture and choose the file."
    | FetchFault.NoRoom -> UploadFault.problem OutOfRoom

let private foreignPage =
    Problem.create 403 "Not allowed" "Another site's page can't fetch pictures through this server. Open its own page."

let private blocksOf (bytes: ReadOnlySequence<byte>) =
    let blocks = ResizeArray()

    for block in bytes do
        blocks.Add block

    blocks

/// Returns the picture unchanged. A file that is not a picture is refused: the page must not read other servers' texts.
let fetch (services: AppServices) : HttpHandler =
    fun next context ->
        task {
            match services.Fetcher, RequestSource.read context.Request.Host context.Request.Headers with
            | None, _ -> return! Problem.json Problem.notFound next context
            | Some _, (CrossSite | SameSite | OtherOrigin) -> return! Problem.json foreignPage next context
            | Some fetcher, _ ->
                let! form = SmallForm.read context

                use lease = new UploadLease((RequestBody.ofContext context).Claim)

                match! fetcher.Fetch(string form["address"], lease, context.RequestAborted) with
                | Error fault -> return! Problem.json (problem fault) next context
                | Ok bytes ->
                    match ImageFormat.ofPicture bytes with
                    | Some mediaType ->
                        context.Response.ContentType <- mediaType
                        context.Response.ContentLength <- bytes.Length

                        for block in blocksOf bytes do
                            do! context.Response.Body.WriteAsync(block, context.RequestAborted)

                        lease.Done()
                        return Some context
                    | None ->
                        let fault = NotAPicture(ImageFormat.foreignOfPicture bytes, bytes.Length)
                        return! Problem.json (UploadFault.problem fault) next context
        }
