namespace Web.Giraffe

open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// What every answer tells the browser not to do.
[<RequireQualifiedAccess>]
module SecurityHeaders =
    /// Nothing but our own files; `blob:` is the preview of the picture that was chosen.
    let contentPolicy =
        String.concat
            "; "
            [
                "default-src 'none'"
                "script-src 'self'"
                "style-src 'self'"
                "img-src 'self' blob:"
                "connect-src 'self'"
                "form-action 'self'"
                "base-uri 'none'"
                "frame-ancestors 'none'"
            ]

    let private all =
        [
            "Content-Security-Policy", contentPolicy
            "X-Content-Type-Options", "nosniff"
            "X-Frame-Options", "DENY"
            // Not `no-referrer`: with that a browser sends `Origin: null` with our own forms, and the guard needs it.
            "Referrer-Policy", "same-origin"
            "Cross-Origin-Opener-Policy", "same-origin"
            "Cross-Origin-Resource-Policy", "same-origin"
            "Permissions-Policy", "camera=(), geolocation=(), microphone=()"
        ]

    /// Set when the answer starts, so that neither a handler nor the page for an exception loses them.
    let apply (context: HttpContext) (next: RequestDelegate) : Task =
        context.Response.OnStarting(fun () ->
            let headers = context.Response.Headers

            for name, value in all do
                headers[name] <- value

            if headers.CacheControl.Count = 0 then
                headers.CacheControl <- "no-store"

            Task.CompletedTask)

        next.Invoke context
