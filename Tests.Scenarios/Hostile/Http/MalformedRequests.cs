using System.Text;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>
/// Sends requests that no browser sends. None may change the list, be parsed as two, or be echoed unescaped; every
/// answer has the headers that prevent a browser from running anything.
/// </summary>
internal static class MalformedRequests
{
    private const string Canary = "<script>canary</script>";

    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        + "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly string[] Inline = ["<script>", " onclick=", " style=", "<style"];

    private static readonly HttpMethod[] Methods =
        [HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete, HttpMethod.Options, HttpMethod.Trace];

    private static readonly string[] Routes =
    [
        "/", "/workers", "/api/workers", "/api/workers/127.0.0.1:1", "/api/classify", "/samples/daisy", "/health/live",
        "/health/ready", "/add/127.0.0.1:1", "/del/127.0.0.1:1", "/assets/app.css", "/nowhere",
    ];

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var service = await ServiceUnderTest.StartAsync(1, "--Pool:CheckSeconds=0");
        var list = await ListAsync(service);
        var files = Directory.GetFileSystemEntries(Tree.Root).Length;
        foreach (var (name, expected, make) in RequestSamples.OnEveryRoute)
        {
            var wrong = new List<string>();
            foreach (var route in Routes)
            {
                await CheckAsync(service, $"{route}", make(route), expected, wrong);
            }

            report.Must(
                wrong.Count == 0,
                $"{name}: {string.Join("/", expected)} on {Routes.Length} routes {string.Join("; ", wrong)}");
        }

        foreach (var (name, expected, request) in RequestSamples.Once(Canary))
        {
            var wrong = new List<string>();
            await CheckAsync(service, name, request, expected, wrong);
            report.Must(wrong.Count == 0, $"{name}: {string.Join("/", expected)} {string.Join("; ", wrong)}");
        }

        report.Must(list == await ListAsync(service), "the list is unchanged");
        report.Must(files == Directory.GetFileSystemEntries(Tree.Root).Length, "no file was created");
        await HeadersAsync(service, report);
        var log = string.Join('\n', service.Web.Lines);
        report.Must(
            !log.Contains("canary\r", StringComparison.Ordinal)
                && !service.Web.Lines.Any(line => line.StartsWith("forged", StringComparison.Ordinal)),
            "no line of the log is forged");
    }

    private static async Task CheckAsync(
        ServiceUnderTest service, string name, string request, int[] expected, List<string> wrong)
    {
        var answer = await RawHttp.AskAsync(service.WebPort, request);
        if (answer.Statuses.Count != 1 || !expected.Contains(answer.Statuses[0]))
        {
            wrong.Add($"{name}: {string.Join(",", answer.Statuses)}");
        }

        if (answer.Text.Contains(Canary, StringComparison.Ordinal)
            || answer.Text.Contains("\nSet-Cookie", StringComparison.OrdinalIgnoreCase))
        {
            wrong.Add($"{name}: echoed");
        }
    }

    private static async Task<string> ListAsync(ServiceUnderTest service)
    {
        using var json = System.Text.Json.JsonDocument.Parse(await service.Client.GetStringAsync("/api/workers"));
        return string.Join(
            ',',
            json.RootElement.GetProperty("workers").EnumerateArray().Select(
                worker => worker.GetProperty("address").GetString()));
    }

    private static async Task HeadersAsync(ServiceUnderTest service, Report report)
    {
        var wrong = new List<string>();
        foreach (var route in Routes)
        {
            foreach (var method in Methods)
            {
                using var request = new HttpRequestMessage(
                    method, route == "/add/127.0.0.1:1" ? "/add/nonsense" : route);
                using var answer = await service.Client.SendAsync(request);
                var isSafe = One(answer, "Content-Security-Policy") == Policy
                    && One(answer, "X-Content-Type-Options") == "nosniff"
                    && One(answer, "X-Frame-Options") == "DENY";
                var text = await answer.Content.ReadAsStringAsync();
                var inline = answer.Content.Headers.ContentType?.MediaType == "text/html"
                    && Inline.Any(mark => text.Contains(mark, StringComparison.Ordinal));
                if (!isSafe || inline)
                {
                    wrong.Add($"{method} {route}");
                }
            }
        }

        report.Must(
            wrong.Count == 0,
            $"policy without inline script, nosniff, frame-ancestors 'none' on every answer of {Routes.Length} "
                + $"routes and 5 methods {string.Join("; ", wrong)}");
    }

    private static string One(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
