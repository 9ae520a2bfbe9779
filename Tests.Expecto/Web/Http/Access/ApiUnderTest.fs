/// Requests with API keys.
module internal Tests.Expecto.Web.ApiUnderTest

let first = "first-key-0123456789"
let second = "second-key-0123456789"

let classifyAs (web: WebUnderTest) headers =
    web.Send("POST", "/api/classify", headers, Some(Http.body (Picture.png 100)))

let inferAs (web: WebUnderTest) headers =
    let content = Http.body (Picture.png 100)
    content.Headers.Add("Inference-Header-Content-Length", "0")
    web.Send("POST", "/v2/models/squeezenet1_1/infer", headers, Some content)

let bearer key = [ "Authorization", $"Bearer {key}" ]

/// The options of a node behind a proxy on this machine, where no caller is trusted for coming from loopback.
let behindProxy (options: string list) =
    [ "--Http:TrustedProxies=127.0.0.1"; "--Admin:Token=a-token-0123456789" ]
    @ options
