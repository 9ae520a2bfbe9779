namespace Web.Giraffe

open System.Threading.Tasks
open Microsoft.AspNetCore.Http

/// What every answer tells the browser not to do.
[<RequireQualifiedAccess>]
module SecurityHeaders =
    let private policy styles images =
        String.concat
            "; "
            [
                "default-src 'none'"
                "script-src 'self'"
                $"style-src 'self'{styles}"
                $"img-src 'self' {images}"
                "connect-src 'self'"
                "form-action 'self'"
                "base-uri 'none'"
                "frame-ancestors 'none'"
            ]

    /// Nothing but our own files; `blob:` is the preview of the picture that was chosen.
    let contentPolicy = policy "" "blob:"

    /// Swagger UI's style sheet draws its arrows itself, and its mark brings one style of its own, this one.
    let docsPolicy =
        policy " 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='" "data:"

    let private all =
        [
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

            headers.ContentSecurityPolicy <-
                if context.Request.Path.StartsWithSegments(PathString "/docs") then
                    docsPolicy
                else
                    contentPolicy

            if headers.CacheControl.Count = 0 then
                headers.CacheControl <- "no-store"

            Task.CompletedTask)

        next.Invoke context
