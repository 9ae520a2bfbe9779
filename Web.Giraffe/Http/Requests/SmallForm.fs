namespace Web.Giraffe

open Microsoft.AspNetCore.Http

/// Forms of some short fields, without files.
[<RequireQualifiedAccess>]
module SmallForm =
    /// More than any of the pages' forms has, in bytes; a longer one goes through a temporary file.
    [<Literal>]
    let private MaxInMemory = 65_536

    /// Reads the request's form.
    let read (context: HttpContext) =
        // Without a stream between, Kestrel's pipe is left in the middle of a read by a client that disconnects, and
        // Kestrel logs an exception of its own.
        context.Request.EnableBuffering MaxInMemory
        context.Request.ReadFormAsync context.RequestAborted
