namespace Scenarios.Hostile;

/// <summary>The requests of <see cref="Tricks"/>, each with its permitted statuses.</summary>
internal static class Requests
{
    private const string Host = "Host: localhost\r\n";
    private const string Close = "Connection: close\r\n";

    // An attacker's request hidden in a body: parsed as a request of its own, it would change the list.
    private const string Hidden = "GET /add/127.0.0.1:6666 HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /// <summary>Requests that the server must answer once, and then close or stay silent.</summary>
    public static (string Name, int[] Expected, Func<string, string> Make)[] OnEveryRoute { get; } =
    [
        ("a length and chunks", [400, 404, 405, 415], path => $"POST {path} HTTP/1.1\r\n{Host}Content-Length: {Hidden.Length + 5}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("two lengths", [400], path => $"POST {path} HTTP/1.1\r\n{Host}Content-Length: 0\r\nContent-Length: {Hidden.Length}\r\n\r\n{Hidden}"),
        ("two lengths in one", [400], path => $"POST {path} HTTP/1.1\r\n{Host}Content-Length: 0, {Hidden.Length}\r\n\r\n{Hidden}"),
        ("a negative length", [400], path => $"POST {path} HTTP/1.1\r\n{Host}Content-Length: -1\r\n\r\n{Hidden}"),
        ("a length of 64 bits and more", [400], path => $"POST {path} HTTP/1.1\r\n{Host}Content-Length: 99999999999999999999\r\n\r\n"),
        ("an unknown coding", [400, 501], path => $"POST {path} HTTP/1.1\r\n{Host}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{Hidden}"),
        ("a folded header", [400], path => $"GET {path} HTTP/1.1\r\n{Host}X-A: b\r\n c: d\r\n{Close}\r\n"),
        ("a blank before a header's colon", [400], path => $"GET {path} HTTP/1.1\r\n{Host}Content-Length : 5\r\n{Close}\r\n"),
        ("NUL in a header", [400], path => $"GET {path} HTTP/1.1\r\n{Host}X-A: a\0b\r\n{Close}\r\n"),
        ("a bare CR in a header", [400], path => $"GET {path} HTTP/1.1\r\n{Host}X-A: a\rSet-Cookie: x=1\r\n{Close}\r\n"),
        ("no host", [400], path => $"GET {path} HTTP/1.1\r\n{Close}\r\n"),
        ("two hosts", [400], path => $"GET {path} HTTP/1.1\r\n{Host}Host: evil.example\r\n{Close}\r\n"),
        ("a host with a path", [400], path => $"GET {path} HTTP/1.1\r\nHost: a/b@c\r\n{Close}\r\n"),
        ("a header of 40 KB", [431], path => $"GET {path} HTTP/1.1\r\n{Host}X-A: {new string('a', 40_000)}\r\n{Close}\r\n"),
        ("200 headers", [431], path => $"GET {path} HTTP/1.1\r\n{Host}{string.Concat(Enumerable.Range(0, 200).Select(i => $"X-{i}: a\r\n"))}{Close}\r\n"),
        ("NUL in the path", [400, 404], path => $"GET {path}\0x HTTP/1.1\r\n{Host}{Close}\r\n"),
        ("an encoded NUL in the path", [400, 404], path => $"GET {path}%00 HTTP/1.1\r\n{Host}{Close}\r\n"),
        ("no version that there is", [400, 505], path => $"GET {path} HTTP/9.9\r\n{Host}{Close}\r\n"),
        ("no method that there is", [400, 404, 405], path => $"FOO {path} HTTP/1.1\r\n{Host}{Close}\r\n"),
        ("a method of control characters", [400], path => $"GE\u0001T {path} HTTP/1.1\r\n{Host}{Close}\r\n"),
    ];

    /// <summary>Requests for one route each; <paramref name="canary"/> must never be echoed unchanged.</summary>
    public static IEnumerable<(string Name, int[] Expected, string Request)> Once(string canary)
    {
        var escaped = Uri.EscapeDataString(canary);
        string Get(string target, string more = "") => $"GET {target} HTTP/1.1\r\n{Host}{more}{Close}\r\n";
        string Post(string target, string type, string body, string more = "") =>
            $"POST {target} HTTP/1.1\r\n{Host}{more}{(type.Length == 0 ? "" : $"Content-Type: {type}\r\n")}Content-Length: {body.Length}\r\n{Close}\r\n{body}";
        string Form(string headers, string body) => $"--b\r\n{headers}\r\n\r\n{body}\r\n--b--\r\n";

        yield return ("bad chunk size", [400], $"POST /api/classify HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n0\r\n\r\n{Hidden}");
        yield return ("a chunk of 64 bits and more", [400], $"POST /api/classify HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nab\r\n{Hidden}");
        yield return ("a chunk longer than it says", [400], $"POST /api/classify HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n1\r\nabcd\r\n0\r\n\r\n{Hidden}");
        yield return ("an absolute address of another host", [400, 403], $"GET http://evil.example/workers HTTP/1.1\r\n{Host}{Close}\r\n");
        yield return ("CONNECT", [400, 404, 405], $"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n{Close}\r\n");
        yield return ("steps up in the path", [404], Get("/samples/..%2f..%2fappsettings.json"));
        yield return ("steps up in the path, twice encoded", [404], Get("/samples/%252e%252e%252fappsettings.json"));
        yield return ("steps up with backslashes", [404], Get("/samples/..%5c..%5cappsettings.json"));
        yield return ("steps up to a file", [404], Get("/../appsettings.json"));
        yield return ("a path's overlong UTF-8", [400, 404], Get("/samples/%c0%ae%c0%ae/appsettings.json"));
        yield return ("markup in the path", [404], Get("/" + escaped));
        yield return ("markup in a sample's name", [404], Get("/samples/" + escaped));
        yield return ("markup in a worker's address", [400], Get("/add/" + escaped + ":1"));
        yield return ("markup in a worker's address, JSON", [400], $"PUT /api/workers/{escaped}:1 HTTP/1.1\r\n{Host}Content-Length: 0\r\n{Close}\r\n");
        yield return ("line breaks in a worker's address", [400, 403, 404], Get("/add/%0d%0aforged%20line:1", "X-Forwarded-For: x\r\n"));
        yield return ("a worker's address of 8 KB", [400], Get("/add/" + new string('a', 7000) + ":1"));
        yield return ("two addresses in the form", [400], Post("/workers", "application/x-www-form-urlencoded", "action=add&address=127.0.0.1:6666&address=127.0.0.1:6667"));
        yield return ("two actions in the form", [400], Post("/workers", "application/x-www-form-urlencoded", "action=add&action=remove&address=127.0.0.1:6666"));
        yield return ("markup in the form", [400], Post("/workers", "application/x-www-form-urlencoded", $"action=add&address={escaped}"));
        yield return ("JSON for a form", [400], Post("/workers", "application/json", "{\"action\":\"add\",\"address\":\"127.0.0.1:6666\"}"));
        yield return ("text for a form, as a foreign page may send it", [400], Post("/workers", "text/plain", "action=add&address=127.0.0.1:6666"));
        yield return ("a form of 2,000 fields", [400, 413], Post("/workers", "application/x-www-form-urlencoded", string.Join('&', Enumerable.Range(0, 2000).Select(i => $"a{i}=b"))));
        yield return ("a form of 100 KB", [400, 413], Post("/workers", "application/x-www-form-urlencoded", "action=" + new string('a', 100_000)));
        yield return ("no content type", [415], Post("/api/classify", "", canary));
        yield return ("a wrong content type", [415], Post("/api/classify", "text/html", canary));
        yield return ("a content type of nonsense", [415], Post("/api/classify", ";;;=\"", canary));
        yield return ("an encoded body", [415], Post("/api/classify", "image/png", canary, "Content-Encoding: gzip\r\n"));
        yield return ("multipart without a boundary", [400], Post("/", "multipart/form-data", Form("Content-Disposition: form-data; name=\"file\"", canary)));
        yield return ("multipart that breaks off", [400], Post("/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\nabc"));
        yield return ("a file's name with a path", [415], Post("/", "multipart/form-data; boundary=b", Form("Content-Disposition: form-data; name=\"file\"; filename=\"../../../../tmp/canary.png\"", canary)));
        yield return ("a file's name of markup", [415], Post("/", "multipart/form-data; boundary=b", Form($"Content-Disposition: form-data; name=\"file\"; filename=\"{canary}.png\"", "no picture")));
        yield return ("a file's name with control characters", [400, 415], Post("/", "multipart/form-data; boundary=b", Form("Content-Disposition: form-data; name=\"file\"; filename=\"a\u0001\u0002b\u007f.png\"", "no picture")));
        yield return ("two files", [400], Post("/", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nGIF89a1\r\n" + Form("Content-Disposition: form-data; name=\"file\"; filename=\"b\"", "GIF89a2")));
        yield return ("a hundred fields", [400], Post("/", "multipart/form-data; boundary=b", string.Concat(Enumerable.Range(0, 100).Select(i => $"--b\r\nContent-Disposition: form-data; name=\"f{i}\"\r\n\r\nx\r\n")) + "--b--\r\n"));
        yield return ("a part with a header of 100 KB", [400], Post("/", "multipart/form-data; boundary=b", Form($"X-A: {new string('a', 100_000)}", "x")));
        yield return ("two samples", [404], Post("/", "application/x-www-form-urlencoded", $"sample={escaped}&sample=daisy"));
        yield return ("an upload of a length that never comes", [413], $"POST /api/classify HTTP/1.1\r\n{Host}Content-Length: 9000000000\r\n\r\n");
    }
}
