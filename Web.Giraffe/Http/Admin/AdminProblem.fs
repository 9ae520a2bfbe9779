namespace Web.Giraffe

open System

/// The problems for refused administrators.
[<RequireQualifiedAccess>]
module AdminProblem =
    let private refused = Problem.create 403 "Refused"

    let create (refusal: AdminRefusal) : Problem =
        match refusal with
        | ForeignPage
        | ForeignOrigin ->
            refused
                "Another web page sent this request. Type the address yourself, or use the form on /workers. Behind a proxy that changes the header Host, let it pass Host on."
        | Prefetch -> refused "A browser's prefetch changes nothing. Open the address yourself."
        | Unconfirmed ->
            refused
                "A browser sent this request without naming the page it came from, and nobody confirmed it. Use the form on /workers; a program sends the token as a Bearer token."
        | NotThisMachine ->
            refused
                "Only callers on the web node's own machine may administer it. To administer from elsewhere, set Admin:TokenFile or Admin:Token, and send the token."
        | Forwarded header ->
            refused
                $"The request came through a proxy (header {header}), and Admin:TrustLoopback trusts direct callers alone. To administer through a proxy, set Admin:TokenFile or Admin:Token, and send the token."
        | ForeignHost ->
            refused
                "Without a token, administration answers at localhost and loopback addresses alone. Use one of these, or set Admin:TokenFile or Admin:Token."
        | TokenMissing ->
            Problem.create
                401
                "Token needed"
                "Load the page again and give the administrators' token as the password, with any user name. A program sends it as a Bearer token. It is the one of Admin:Token or in the file of Admin:TokenFile; the node's log names the file."
        | TokenWrong ->
            Problem.create
                401
                "Wrong token"
                "That is not the administrators' token. Load the page again and give the right one as the password."
        | TooManyWrongTokens wait ->
            { Problem.create
                  429
                  "Too many wrong tokens"
                  "Too many wrong tokens came from your address. Wait, or send the right one: it is always accepted." with
                RetryAfter = Some wait
            }
