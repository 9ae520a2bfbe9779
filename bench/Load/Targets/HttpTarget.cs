using System.Net;
using System.Net.Sockets;
using Load.Pictures;

namespace Load.Targets;

/// <summary>
/// A web node, or any service that accepts a picture as the body of a <c>POST</c>. Connections are kept.
/// </summary>
public sealed class HttpTarget : Target
{
    private const string Route = "api/classify";

    private readonly Uri address;
    private readonly HttpClient client;

    /// <summary>Creates a target at <paramref name="target"/>; uses the web node's route if it has no path.</summary>
    public HttpTarget(Uri target, TimeSpan timeout)
    {
        address = target.AbsolutePath == "/" ? new Uri(target, Route) : target;
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        client = new HttpClient(handler) { Timeout = timeout };
    }

    /// <inheritdoc/>
    public override string Name => address.ToString();

    /// <inheritdoc/>
    public override async Task<string?> AskAsync(Picture picture)
    {
        try
        {
            using var body = new ByteArrayContent(picture.Bytes);
            using var response = await client.PostAsync(address, body).ConfigureAwait(false);
            return response.IsSuccessStatusCode ? null : Kind(response.StatusCode);
        }
        catch (TaskCanceledException)
        {
            return TimedOut;
        }
        catch (HttpRequestException e)
        {
            return e.InnerException is SocketException socket
                ? Words(socket.SocketErrorCode)
                : Words(e.HttpRequestError);
        }
    }

    /// <inheritdoc/>
    protected override string Advice(string kind) => kind switch
    {
        "connection refused" => "Is the web node running? ./run starts one, on port 9999.",
        "host not found" or "try again" => "Check the name.",
        "404 not found" => "Use a web node's address without a path, or another service's with its path.",
        "503 service unavailable" => "Has the web node an active worker? Its page /workers says so.",
        _ => "Its log may say why.",
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => client.Dispose();

    private static string Kind(HttpStatusCode status) => $"{(int)status} {Words(status)}";

    /// <summary>Turns "ConnectionRefused" into "connection refused".</summary>
    private static string Words(Enum name) => string.Concat(name.ToString().Select((letter, at) =>
        at > 0 && char.IsUpper(letter) ? $" {char.ToLowerInvariant(letter)}" : $"{char.ToLowerInvariant(letter)}"));
}
