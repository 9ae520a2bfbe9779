namespace Web.Giraffe

open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// The headers that restrict what the browser may do with a response.
[<RequireQualifiedAccess>]
module SecurityHeaders =
    /// Allows only our own files. `blob:` is for the preview of the chosen picture.
    let contentPolicy =
        String.concat
            "; "
            [
                "default-src 'none'"
                "script-src 'self'"
                "style-src 'self'"
                "img-src 'self' blob:"
                "connect-src 'self'"
                "manifest-src 'self'"
                "form-action 'self'"
                "base-uri 'none'"
                "frame-ancestors 'none'"
            ]

    let private all =
        [
            "X-Content-Type-Options", "nosniff"
            "X-Frame-Options", "DENY"
            // Not `no-referrer`: browsers would send `Origin: null` with our own forms, and the guard needs the origin.
            "Referrer-Policy", "same-origin"
            "Cross-Origin-Opener-Policy", "same-origin"
            "Cross-Origin-Resource-Policy", "same-origin"
            "Permissions-Policy", "camera=(self), geolocation=(), microphone=()"
        ]

    /// Sets the headers when the response starts, so that neither a handler nor the exception page removes them.
    let apply (context: HttpContext) (next: RequestDelegate) : Task =
        context.Response.OnStarting(fun () ->
            let headers = context.Response.Headers

            for name, value in all do
                headers[name] <- value

            headers.ContentSecurityPolicy <- contentPolicy

            if headers.CacheControl.Count = 0 then
                headers.CacheControl <- "no-store"

            Task.CompletedTask)

        next.Invoke context
