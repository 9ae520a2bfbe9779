using System.Net.Http.Headers;
using Scenarios.Hostile;
using Scenarios.Nodes;
using Scenarios.Peers;

namespace Scenarios.Hostile;

/// <summary>Sends unauthorized administrative requests, and adds workers at forbidden addresses.</summary>
internal static class UnauthorizedAdministration
{
    private const string Token = "a token of the operator's own";

    private static readonly string[] Outside =
    [
        "8.8.8.8:80", "[2001:4860:4860::8888]:80", "169.254.169.254:80", "0.0.0.0:8888", "[::]:8888",
        "[::ffff:8.8.8.8]:80",
        "100.64.0.1:8888", "[fe80::1]:8888", "224.0.0.1:8888", "255.255.255.255:8888", "[64:ff9b::7f00:1]:8888",
    ];

    public static async Task RunAsync(ScenarioOptions options, Report report)
    {
        using var liar = new LyingWorker();
        await OpenAsync(report, liar.Port);
        await NamesAsync(report, liar);
        await TokensAsync(report);
    }

    private static async Task OpenAsync(Report report, int inside)
    {
        using var service = await ServiceUnderTest.StartWebAsync([], "--Pool:CheckSeconds=0");
        foreach (var address in Outside)
        {
            var answers = new[]
            {
                await StatusAsync(service, HttpMethod.Get, $"/add/{address}"),
                await StatusAsync(service, HttpMethod.Put, $"/api/workers/{address}"),
                await StatusAsync(
                    service, HttpMethod.Post, "/workers", form: new() { ["action"] = "add", ["address"] = address }),
            };
            report.Must(
                answers.All(status => status == 403),
                $"add {address}: 403 by URL, JSON and form ({string.Join(", ", answers)})");
        }

        // The output arrives a moment later.
        await Task.Delay(500);
        var logged = service.Web.Lines.Count(line => line.Contains("Worker not added", StringComparison.Ordinal));
        report.Must(logged == 3 * Outside.Length, $"each is logged: {logged} times event 3005");
        (string, string)[][] untrusted =
        [
            [("Sec-Fetch-Site", "cross-site")], [("Origin", "https://evil.example")], [("Origin", "null")],
            [("X-Forwarded-For", "203.0.113.9")], [("Forwarded", "for=203.0.113.9")], [("Via", "1.1 proxy")],
            [("X-Real-IP", "127.0.0.1")], [("Host", "rebound.example")], [("Host", "127.0.0.1.nip.example:80")],
            [("Sec-Purpose", "prefetch")],
        ];
        foreach (var headers in untrusted)
        {
            var status = await StatusAsync(service, HttpMethod.Get, $"/add/127.0.0.1:{inside}", headers);
            report.Must(status == 403, $"add with {headers[0].Item1}: {headers[0].Item2}: {status}");
        }

        var list = await service.Client.GetStringAsync("/api/workers");
        report.Must(list.Contains("\"workers\":[]", StringComparison.Ordinal), "the list is unchanged");
        report.Must(
            await StatusAsync(service, HttpMethod.Get, $"/add/127.0.0.1:{inside}") == 201,
            "the operator adds one on loopback: 201");
    }

    /// <summary>
    /// Checks that a name's addresses are resolved for each connection, and that only permitted ones are used. With
    /// loopback forbidden, the name localhost imitates a DNS name that was changed to an internal address.
    /// </summary>
    private static async Task NamesAsync(Report report, LyingWorker liar)
    {
        var file = Path.GetTempFileName();
        var before = liar.Connections;
        await File.WriteAllTextAsync(file, $$"""{"workers":["localhost:{{liar.Port}}"],"configured":[]}""");
        using var service = await ServiceUnderTest.StartWebAsync(
            [], "--Admin:AllowedNetworks=10.0.0.0/8", $"--Registry:Path={file}", "--Pool:CheckSeconds=0.2");
        report.Must(
            await StatusAsync(service, HttpMethod.Get, "/add/localhost:8888") == 403,
            "add of a name whose address is not allowed: 403");
        report.Must(
            await StatusAsync(service, HttpMethod.Get, "/add/no-such-name.invalid:8888") == 403,
            "add of a name without an address: 403");
        var (status, _) = await service.ClassifyAsync(Tree.Sample("daisy.png"));
        await Task.Delay(500);
        var list = await service.Client.GetStringAsync("/api/workers");
        report.Must(
            status == 503
                && liar.Connections == before
                && list.Contains("in an allowed network", StringComparison.Ordinal),
            $"a name on the list that now resolves to a forbidden address: {liar.Connections - before} "
                + "connections to it, and the list says why");
        service.Dispose();
        File.Delete(file);
        using var trusted = await ServiceUnderTest.StartWebAsync(
            [liar.Port], "--Admin:AllowedNetworks=10.0.0.0/8", "--Pool:CheckSeconds=0");
        await trusted.ClassifyAsync(Tree.Sample("daisy.png"));
        report.Must(liar.Connections > before, "a worker from the --worker option may be anywhere");
    }

    private static async Task TokensAsync(Report report)
    {
        using var service = await ServiceUnderTest.StartWebAsync(
            [], $"--Admin:Token={Token}", "--Admin:TrustLoopback=false", "--Pool:CheckSeconds=0");
        Task<int> Ask(string? token) => StatusAsync(
            service, HttpMethod.Get, "/api/workers", token is null ? [] : [("Authorization", $"Bearer {token}")]);
        report.Must(
            await Ask(null) == 401 && await Ask(Token) == 200, "a token is required, and the right one is accepted");
        var wrong = new List<int>();
        for (var i = 0; i < 11; i++)
        {
            wrong.Add(await Ask($"wrong {i}"));
        }

        report.Must(
            wrong[..10].All(status => status == 401) && wrong[10] == 429,
            $"ten wrong tokens in a row: {string.Join(", ", wrong)}");
        report.Must(await Ask(Token) == 200, "the right one is still accepted: 200");
        await Task.Delay(500);
        report.Must(
            service.Web.Lines.Count(line => line.Contains("Administration refused", StringComparison.Ordinal)) >= 12,
            "each refusal is logged (event 3002)");
        report.Must(
            !service.Web.Lines.Any(
                line => line.Contains(Token, StringComparison.Ordinal)
                    || line.Contains("wrong 1", StringComparison.Ordinal)),
            "no token, right or wrong, is in the log");
    }

    private static async Task<int> StatusAsync(
        ServiceUnderTest service,
        HttpMethod method,
        string path,
        (string Name, string Value)[]? headers = null,
        Dictionary<string, string>? form = null)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = form is null ? null : new FormUrlEncodedContent(form);
        foreach (var (name, value) in headers ?? [])
        {
            if (name == "Authorization")
            {
                request.Headers.Authorization = AuthenticationHeaderValue.Parse(value);
            }
            else
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var answer = await service.Client.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
