namespace Scenarios.Hostile;

/// <summary>The requests of <see cref="MalformedRequests"/>, each with its permitted statuses.</summary>
internal static class RequestSamples
{
    private const string Host = "Host: localhost\r\n";
    private const string Close = "Connection: close\r\n";
    private const string Chunked = "Transfer-Encoding: chunked\r\n";
    private const string UrlEncoded = "application/x-www-form-urlencoded";
    private const string Multipart = "multipart/form-data; boundary=b";
    private const string End = "--b--\r\n";
    private const string FileField = "Content-Disposition: form-data; name=\"file\"";

    // An attacker's request hidden in a body: parsed as a request of its own, it would change the list.
    private const string Hidden = "GET /add/127.0.0.1:6666 HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /// <summary>Requests that the server must answer once, and then close or stay silent.</summary>
    public static (string Name, int[] Expected, Func<string, string> Make)[] OnEveryRoute { get; } =
    [
        (
            "a length and chunks",
            [400, 404, 405, 415],
            path => Head("POST", path, $"{Length(Hidden.Length + 5)}{Chunked}") + $"0\r\n\r\n{Hidden}"),
        ("two lengths", [400], path => Head("POST", path, Length(0) + Length(Hidden.Length)) + Hidden),
        ("two lengths in one", [400], path => Head("POST", path, $"Content-Length: 0, {Hidden.Length}\r\n") + Hidden),
        ("a negative length", [400], path => Head("POST", path, Length(-1)) + Hidden),
        ("a length of 64 bits and more", [400], path => Head("POST", path, "Content-Length: 99999999999999999999\r\n")),
        (
            "an unknown coding",
            [400, 501],
            path => Head("POST", path, "Transfer-Encoding: xchunked\r\n") + $"0\r\n\r\n{Hidden}"),
        ("a folded header", [400], path => Get(path, "X-A: b\r\n c: d\r\n")),
        ("a blank before a header's colon", [400], path => Get(path, "Content-Length : 5\r\n")),
        ("NUL in a header", [400], path => Get(path, "X-A: a\0b\r\n")),
        ("a bare CR in a header", [400], path => Get(path, "X-A: a\rSet-Cookie: x=1\r\n")),
        ("no host", [400], path => $"GET {path} HTTP/1.1\r\n{Close}\r\n"),
        ("two hosts", [400], path => Get(path, "Host: evil.example\r\n")),
        ("a host with a path", [400], path => $"GET {path} HTTP/1.1\r\nHost: a/b@c\r\n{Close}\r\n"),
        ("a header of 40 KB", [431], path => Get(path, $"X-A: {new string('a', 40_000)}\r\n")),
        ("200 headers", [431], path => Get(path, Repeat(200, i => $"X-{i}: a\r\n"))),
        ("NUL in the path", [400, 404], path => Get($"{path}\0x")),
        ("an encoded NUL in the path", [400, 404], path => Get($"{path}%00")),
        ("no version that there is", [400, 505], path => $"GET {path} HTTP/9.9\r\n{Host}{Close}\r\n"),
        ("no method that there is", [400, 404, 405], path => Head("FOO", path, Close)),
        ("a method of control characters", [400], path => Head("GE\u0001T", path, Close)),
    ];

    /// <summary>Requests for one route each; <paramref name="canary"/> must never be echoed unchanged.</summary>
    public static IEnumerable<(string Name, int[] Expected, string Request)> Once(string canary)
    {
        var escaped = Uri.EscapeDataString(canary);
        return [.. Framing(), .. Targets(escaped), .. Forms(escaped), .. Uploads(canary, escaped)];
    }

    private static IEnumerable<(string Name, int[] Expected, string Request)> Framing()
    {
        var chunked = Head("POST", "/api/classify", Chunked);
        yield return ("bad chunk size", [400], $"{chunked}zz\r\nab\r\n0\r\n\r\n{Hidden}");
        yield return ("a chunk of 64 bits and more", [400], $"{chunked}fffffffffffffffff\r\nab\r\n{Hidden}");
        yield return ("a chunk longer than it says", [400], $"{chunked}1\r\nabcd\r\n0\r\n\r\n{Hidden}");
        yield return ("an absolute address of another host", [400, 403], Get("http://evil.example/workers"));
        yield return (
            "CONNECT",
            [400, 404, 405],
            $"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n{Close}\r\n");
    }

    private static IEnumerable<(string Name, int[] Expected, string Request)> Targets(string escaped)
    {
        yield return ("steps up in the path", [404], Get("/samples/..%2f..%2fappsettings.json"));
        yield return ("steps up in the path, twice encoded", [404], Get("/samples/%252e%252e%252fappsettings.json"));
        yield return ("steps up with backslashes", [404], Get("/samples/..%5c..%5cappsettings.json"));
        yield return ("steps up to a file", [404], Get("/../appsettings.json"));
        yield return ("a path's overlong UTF-8", [400, 404], Get("/samples/%c0%ae%c0%ae/appsettings.json"));
        yield return ("markup in the path", [404], Get("/" + escaped));
        yield return ("markup in a sample's name", [404], Get("/samples/" + escaped));
        yield return ("markup in a worker's address", [400], Get($"/add/{escaped}:1"));
        yield return (
            "markup in a worker's address, JSON",
            [400],
            Head("PUT", $"/api/workers/{escaped}:1", Length(0) + Close));
        yield return (
            "line breaks in a worker's address",
            [400, 403, 404],
            Get("/add/%0d%0aforged%20line:1", "X-Forwarded-For: x\r\n"));
        yield return ("a worker's address of 8 KB", [400], Get($"/add/{new string('a', 7000)}:1"));
    }

    private static IEnumerable<(string Name, int[] Expected, string Request)> Forms(string escaped)
    {
        const string add = "action=add&address=127.0.0.1:6666";
        const string json = "{\"action\":\"add\",\"address\":\"127.0.0.1:6666\"}";
        var fields = string.Join('&', Enumerable.Range(0, 2000).Select(i => $"a{i}=b"));
        yield return ("two addresses in the form", [400], Change($"{add}&address=127.0.0.1:6667"));
        yield return (
            "two actions in the form", [400], Change("action=add&action=remove&address=127.0.0.1:6666"));
        yield return ("markup in the form", [400], Change($"action=add&address={escaped}"));
        yield return ("JSON for a form", [400], Post("/workers", "application/json", json));
        yield return ("text for a form, as a foreign page may send it", [400], Post("/workers", "text/plain", add));
        yield return ("a form of 2,000 fields", [400, 413], Change(fields));
        yield return ("a form of 100 KB", [400, 413], Change("action=" + new string('a', 100_000)));
    }

    private static IEnumerable<(string Name, int[] Expected, string Request)> Uploads(string canary, string escaped)
    {
        yield return ("no content type", [415], Post("/api/classify", "", canary));
        yield return ("a wrong content type", [415], Post("/api/classify", "text/html", canary));
        yield return ("a content type of nonsense", [415], Post("/api/classify", ";;;=\"", canary));
        yield return (
            "a body that isn't in its encoding",
            [400],
            Post("/api/classify", "image/png", canary, "Content-Encoding: gzip\r\n"));
        yield return (
            "an unknown encoding", [415], Post("/api/classify", "image/png", canary, "Content-Encoding: br\r\n"));
        yield return (
            "multipart without a boundary", [400], Post("/", "multipart/form-data", Part(FileField, canary) + End));
        yield return (
            "multipart that breaks off",
            [400],
            Post("/", Multipart, $"--b\r\n{FileField}; filename=\"a.png\"\r\n\r\nabc"));
        yield return ("a file's name with a path", [415], File("../../../../tmp/canary.png", canary));
        yield return ("a file's name of markup", [415], File($"{canary}.png", "no picture"));
        yield return (
            "a file's name with control characters", [400, 415], File("a\u0001\u0002b\u007f.png", "no picture"));
        yield return (
            "two files",
            [400],
            Post(
                "/",
                Multipart,
                Part($"{FileField}; filename=\"a\"", "GIF89a1")
                + Part($"{FileField}; filename=\"b\"", "GIF89a2")
                + End));
        yield return (
            "a hundred fields",
            [400],
            Post(
                "/",
                Multipart,
                Repeat(100, i => Part($"Content-Disposition: form-data; name=\"f{i}\"", "x")) + End));
        yield return (
            "a part with a header of 100 KB",
            [400],
            Post("/", Multipart, Part($"X-A: {new string('a', 100_000)}", "x") + End));
        yield return ("two samples", [404], Post("/", UrlEncoded, $"sample={escaped}&sample=daisy"));
        yield return (
            "an upload of a length that never comes",
            [413],
            Head("POST", "/api/classify", "Content-Length: 9000000000\r\n"));
    }

    private static string Head(string method, string target, string headers) =>
        $"{method} {target} HTTP/1.1\r\n{Host}{headers}\r\n";

    private static string Length(int bytes) => $"Content-Length: {bytes}\r\n";

    private static string Get(string target, string headers = "") => Head("GET", target, headers + Close);

    private static string Post(string target, string type, string body, string headers = "")
    {
        var typed = type.Length == 0 ? headers : $"{headers}Content-Type: {type}\r\n";
        return Head("POST", target, typed + Length(body.Length) + Close) + body;
    }

    private static string Change(string form) => Post("/workers", UrlEncoded, form);

    private static string Part(string headers, string body) => $"--b\r\n{headers}\r\n\r\n{body}\r\n";

    private static string File(string name, string body) =>
        Post("/", Multipart, Part($"{FileField}; filename=\"{name}\"", body) + End);

    private static string Repeat(int count, Func<int, string> make) =>
        string.Concat(Enumerable.Range(0, count).Select(make));
}
