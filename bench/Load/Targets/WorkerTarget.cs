using System.Collections.Concurrent;
using System.Net.Sockets;
using Load.Options;
using Load.Pictures;
using Protocol.Core;

namespace Load.Targets;

/// <summary>One worker, over the D/A/N protocol.</summary>
public sealed class WorkerTarget(Uri target, ExchangeKind exchange, TimeSpan timeout) : Target
{
    /// <summary>The kind of error from a worker that supports only the plain exchange.</summary>
    internal const string Declined = "the extended exchange is declined";

    private readonly Parameters parameters =
        exchange == ExchangeKind.Plain ? ParametersModule.none : ParametersModule.extended;

    private readonly ConcurrentDictionary<Picture, EncodedPicture> encoded = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentStack<WorkerConnection> idle = new();

    /// <inheritdoc/>
    public override string Name => $"dan://{target.Authority}";

    /// <inheritdoc/>
    public override async Task<string?> AskAsync(Picture picture)
    {
        var message = encoded.GetOrAdd(picture, one => new EncodedPicture(one, parameters));
        var isKept = idle.TryPop(out var connection);
        connection ??= new WorkerConnection();
        using var late = new CancellationTokenSource(timeout);
        await using var ending = late.Token.UnsafeRegister(
            static one => ((WorkerConnection)one!).Dispose(), connection);
        try
        {
            if (!isKept)
            {
                await connection.ConnectAsync(target.IdnHost, target.Port).ConfigureAwait(false);
            }

            return await connection.AskAsync(message, parameters).ConfigureAwait(false);
        }
        catch (Exception) when (late.IsCancellationRequested)
        {
            return TimedOut;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode switch
            {
                SocketError.ConnectionRefused => "connection refused",
                SocketError.HostNotFound or SocketError.TryAgain => "unknown host",
                var code => $"{code}",
            };
        }
        finally
        {
            if (connection.IsReusable && !late.IsCancellationRequested)
            {
                idle.Push(connection);
            }
            else
            {
                connection.Dispose();
            }
        }
    }

    /// <inheritdoc/>
    protected override string Advice(string kind) => kind switch
    {
        "connection refused" => "Is a worker running there? ./run starts one, on port 8888.",
        "unknown host" => "Check the name.",
        Declined => "Ask it with --exchange plain.",
        "size/closed" or "image/closed" => "Is it a worker? A web node is asked by http://.",
        _ => "Its log may say why.",
    };

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        while (idle.TryPop(out var connection))
        {
            connection.Dispose();
        }
    }
}
