namespace Web.Giraffe

open Microsoft.AspNetCore.Http

/// Forms with a few short fields and no files.
[<RequireQualifiedAccess>]
module SmallForm =
    // A signed address of a picture can be long.
    [<Literal>]
    let private MaxBytes = 65_536

    /// Reads the request's form. A body that is not a form has no fields.
    let read (context: HttpContext) =
        task {
            (RequestBody.ofContext context).Limit <- int64 MaxBytes

            if context.Request.HasFormContentType then
                // Without a stream in between, a client that disconnects leaves Kestrel's pipe in the middle of a read,
                // and Kestrel logs an exception.
                context.Request.EnableBuffering MaxBytes
                return! context.Request.ReadFormAsync context.RequestAborted
            else
                return FormCollection.Empty :> IFormCollection
        }
