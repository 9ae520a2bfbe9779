/// An answer that is given before the request's body has been read reaches the client, whatever client it is.
module Tests.Expecto.Web.EarlyAnswersTests

open System
open System.Diagnostics
open System.Net.Http
open System.Text
open Expecto
open Tests.Expecto
open Web.Giraffe
open Tests.Expecto.Web.ApiUnderTest

let private long = 12_000_000

/// Requests that are rejected before their body is read: method, path, headers, the node's options, the status.
let private refusals =
    [
        "POST", "/nowhere", [], [], 404
        "POST", "/api/nowhere", [], [], 404
        "PUT", "/api/classify", [], [], 405
        "POST", "/health/live", [], [], 405
        "POST", "/api/classify?top=0", [], [], 400
        "POST", "/api/classify", [], [], 413
        "POST", "/", [], [], 413
        "POST", "/v2/models/other/infer", [], [], 404
        "POST", "/v2/models/squeezenet1_1/infer", [], [], 413
        "POST", "/api/classify", [ "Content-Encoding", "zstd" ], [], 415
        "POST", "/api/classify", [], [ $"--Api:Keys={first}" ], 401
        "POST",
        "/api/classify",
        bearer first,
        [ $"--Api:Keys={first}"; "--Api:RequestsPerSecond=0.01"; "--Api:Burst=1" ],
        429
    ]

/// With small limits, so that the bodies are over all of them.
let private withRefusal (_, _, _, options, status) test =
    task {
        let limits = [ "--Upload:MaxBytes=1000000"; "--Upload:MaxRequest=2000000" ]
        use! web = serve (limits @ options)

        // The one that is allowed.
        if status = 429 then
            let! _ = classifyAs web (bearer first)
            ()

        do! test web
    }

let private withHttpClient (method, path: string, headers, options, status) =
    testCaseTask $"HttpClient: {method} {path} {status}"
    <| fun () ->
        withRefusal (method, path, headers, options, status) (fun web ->
            task {
                for _ in 1..4 do
                    use content = new ByteArrayContent(Array.zeroCreate long)
                    use request = new HttpRequestMessage(HttpMethod method, path, Content = content)

                    for name: string, value: string in headers do
                        if not (request.Headers.TryAddWithoutValidation(name, value)) then
                            content.Headers.Add(name, value)

                    use! answer = web.Client.SendAsync request
                    Expect.equal (Http.status answer) status "the answer arrives"
                    use! next = web.Client.GetAsync "/health/live"
                    Expect.equal (Http.status next) 200 "and so does the next one"
            })

let private python =
    """
import http.client, sys, urllib.request, urllib.error
host, method, path, length, headers = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), dict(h.split(": ") for h in sys.argv[5:])
for _ in range(3):
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request(method, path, b"\0" * length, headers)
    answer = connection.getresponse()
    answer.read()
    print(answer.status)
    connection.close()
try:
    urllib.request.urlopen(urllib.request.Request(f"http://{host}{path}", b"\0" * length, headers, method=method), timeout=60)
except urllib.error.HTTPError as error:
    print(error.code)
"""

let private node =
    """
const [host, method, path, length, ...headers] = process.argv.slice(1)
for (let i = 0; i < 4; i++) {
    const answer = await fetch(`http://${host}${path}`, { method, body: new Uint8Array(Number(length)),
        headers: Object.fromEntries(headers.map(h => h.split(": "))) })
    await answer.text()
    console.log(answer.status)
}
"""

let private curl =
    """
host=$1 method=$2 path=$3 length=$4
shift 4
for header; do set -- "$@" -H "$header"; shift; done
for expect in "Expect:" "X-Nothing: x" "Expect:" "X-Nothing: x"; do
    head -c "$length" /dev/zero |
        curl -sS -o /dev/null -w '%{http_code}\n' -X "$method" -H "$expect" "$@" --data-binary @- "http://$host$path"
done
"""

/// Returns what the client prints: the status of each of its four requests.
let private run (client: string) (script: string list) (web: WebUnderTest) method path headers =
    task {
        let start =
            ProcessStartInfo(client, RedirectStandardOutput = true, RedirectStandardError = true)

        let arguments =
            script
            @ [ $"127.0.0.1:{web.Port}"; method; path; string long ]
            @ [ for name, value in headers -> $"{name}: {value}" ]

        List.iter start.ArgumentList.Add arguments
        use running = Process.Start start |> Unchecked.nonNull
        let printed = running.StandardOutput.ReadToEndAsync()
        let errors = running.StandardError.ReadToEndAsync()
        do! running.WaitForExitAsync()
        let! printed = printed
        let! errors = errors
        return printed.Split('\n', StringSplitOptions.RemoveEmptyEntries) |> List.ofArray, errors
    }

let private withClient (name: string) command script =
    testTask $"{name} receives every refusal" {
        for refusal in refusals do
            let method, path, headers, _, status = refusal

            do!
                withRefusal refusal (fun web ->
                    task {
                        let! printed, errors = run command script web method path headers

                        Expect.equal printed (List.replicate 4 (string status)) $"{method} {path} {status}: {errors}"
                    })
    }

let private onKeptConnection =
    testTask "a valid request behind a refused one on the same connection is answered" {
        use! web = serve []
        use! socket = web.Raw()
        do! socket.Send(RawConnection.Head("/nowhere", "image/png", 3_000_000))
        do! socket.Send(Array.zeroCreate<byte> 3_000_000)
        do! socket.Send "GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        let! all = socket.ReadToEnd()
        Expect.stringStarts all "HTTP/1.1 404" "the first"
        Expect.stringContains all "HTTP/1.1 200" "the second"
    }

let tests =
    testList
        "EarlyAnswers"
        [
            yield! List.map withHttpClient refusals
            withClient "Python's http.client and urllib" "python3" [ "-c"; python ]
            withClient "Node's fetch" "node" [ "--input-type=module"; "-e"; node; "--" ]
            withClient "curl" "bash" [ "-c"; curl; "curl" ]
            onKeptConnection
        ]
