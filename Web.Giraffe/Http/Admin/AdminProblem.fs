namespace Web.Giraffe

open System

/// The problems for refused administrators.
[<RequireQualifiedAccess>]
module AdminProblem =
    let private refused = Problem.create 403 "Not allowed"

    let create (refusal: AdminRefusal) : Problem =
        match refusal with
        | ForeignPage
        | ForeignOrigin ->
            refused
                "Another web page sent this request. Type the address yourself, or use the form on /workers. If a proxy changes the Host header, configure it to pass Host on."
        | Prefetch -> refused "A browser's prefetch changes nothing. Open the address yourself."
        | Unconfirmed ->
            refused
                "A browser sent this request without identifying the page that it came from, and it was not confirmed. Use the form on /workers; a program sends the token as a Bearer token."
        | NotThisMachine ->
            refused
                "Only callers on the web node's own machine may administer it. To administer from elsewhere, set Admin:TokenFile or Admin:Token, and send the token."
        | Forwarded header ->
            refused
                $"The request came through a proxy (header {header}), and Admin:TrustLoopback trusts direct callers alone. To administer through a proxy, set Admin:TokenFile or Admin:Token, and send the token."
        | ForeignHost ->
            refused
                "Without a token, administration is available at localhost and loopback addresses only. Use one of these, or set Admin:TokenFile or Admin:Token."
        | TokenMissing ->
            Problem.create
                401
                "Token required"
                "Reload the page and enter the administrator token as the password, with any user name. Programs send it as a Bearer token. The token is in Admin:Token, or in the file that the node's log names."
        | TokenWrong ->
            Problem.create
                401
                "Wrong token"
                "That is not the administrator token. Reload the page and enter the correct one as the password."
        | TooManyWrongTokens wait ->
            { Problem.create
                  429
                  "Too many wrong tokens"
                  "Your address has sent too many wrong tokens. Wait, or send the correct token: it is always accepted." with
                RetryAfter = Some wait
            }

    /// The problems of every administration route in the API's document.
    let documented =
        List.map create [ NotThisMachine; TokenMissing; TokenWrong; TooManyWrongTokens TimeSpan.Zero ]
