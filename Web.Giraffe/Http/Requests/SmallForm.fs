namespace Web.Giraffe

open Microsoft.AspNetCore.Http

/// Forms with a few short fields and no files.
[<RequireQualifiedAccess>]
module SmallForm =
    /// In bytes, more than any form of the pages needs. A longer form uses a temporary file.
    [<Literal>]
    let private MaxInMemory = 65_536

    /// Reads the request's form.
    let read (context: HttpContext) =
        // Without a stream in between, a client that disconnects leaves Kestrel's pipe in the middle of a read, and
        // Kestrel logs an exception.
        context.Request.EnableBuffering MaxInMemory
        context.Request.ReadFormAsync context.RequestAborted
