using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Node.Hosting.Tls;
using Worker.Settings;

namespace Worker.Sockets;

/// <summary>TLS for the worker's port: presents its certificate and, if configured, requires the client's.</summary>
public sealed class WorkerTls
{
    private const string Reason = "why a client is not trusted";

    private readonly TlsCertificate identity;
    private readonly TrustStore? clients;
    private readonly TimeSpan handshakeTimeout;
    private readonly ILogger logger;

    private WorkerTls(TlsCertificate identity, TrustStore? clients, TimeSpan handshakeTimeout, ILogger logger)
    {
        this.identity = identity;
        this.clients = clients;
        this.handshakeTimeout = handshakeTimeout;
        this.logger = logger;
        identity.Renewed += Report;
        if (clients is not null)
        {
            clients.Renewed += Report;
        }
    }

    /// <summary>
    /// Loads the files and reloads them when they change. <paramref name="handshakeTimeout"/> is the handshake timeout.
    /// </summary>
    public static Outcome<WorkerTls> Load(TlsFiles files, TimeSpan handshakeTimeout, TimeProvider clock, ILogger logger)
    {
        if (TlsCertificate.TryLoad(files.Certificate, files.Key, clock, out var reason) is not { } identity)
        {
            return Fail(nameof(WorkerOptions.TlsCertificate), reason);
        }

        TrustStore? clients = null;
        if (files.ClientCa is not null)
        {
            clients = TrustStore.TryLoad(files.ClientCa, clock, out reason);
            if (clients is null)
            {
                return Fail(nameof(WorkerOptions.TlsClientCa), reason);
            }
        }

        var needed = clients is null ? "none" : $"one of {clients.Name}";
        SocketLog.TlsReady(logger, identity.Context.TargetCertificate.Subject, Expiry(identity), needed);
        return new Outcome<WorkerTls>.Ok(new WorkerTls(identity, clients, handshakeTimeout, logger));
    }

    /// <summary>When the certificates expire: the worker's own, and the first of its clients' authorities.</summary>
    internal IEnumerable<(string Certificate, DateTimeOffset Expiry)> Expiries =>
        clients?.Expiry is { } ca ? [("own", identity.Expiry), ("ca", ca)] : [("own", identity.Expiry)];

    /// <summary>Adds TLS to a port, and logs a line for each failed handshake.</summary>
    public void Protect(ListenOptions listen)
    {
        listen.Use(next => async connection =>
        {
            if (await IsSilentAsync(connection))
            {
                return;
            }

            await next(connection);
            if (connection.Items.ContainsKey(this))
            {
                return;
            }

            var reason = connection.Items.TryGetValue(Reason, out var known)
                ? $"{known}"
                : "it did not complete the TLS handshake";
            SocketLog.HandshakeFailed(logger, connection.RemoteEndPoint, reason);
        });
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = handshake => ValueTask.FromResult(Options(handshake.Connection)),
            HandshakeTimeout = handshakeTimeout,
        });
        listen.Use(next => connection =>
        {
            connection.Items[this] = true;
            return next(connection);
        });
    }

    /// <summary>Returns whether the peer closes the connection without a byte, as a probe of the port does.</summary>
    private async Task<bool> IsSilentAsync(ConnectionContext connection)
    {
        using var late = new CancellationTokenSource(handshakeTimeout);
        try
        {
            var input = connection.Transport.Input;
            var read = await input.ReadAsync(late.Token);
            // Nothing is consumed or examined: the handshake reads it again.
            input.AdvanceTo(read.Buffer.Start);
            return read.IsCompleted && read.Buffer.IsEmpty;
        }
        catch (IOException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            // The handshake's own timeout ends it.
            return false;
        }
    }

    private SslServerAuthenticationOptions Options(BaseConnectionContext connection) => new()
    {
        ServerCertificateContext = identity.Context,
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ClientCertificateRequired = clients is not null,
        CertificateChainPolicy = clients?.Policy(),
        RemoteCertificateValidationCallback = clients is null
            ? null
            : (_, certificate, chain, errors) =>
            {
                var reason = CertificateErrors.Reason(certificate, chain, errors, clients, null);
                connection.Items[Reason] = reason;
                return reason is null;
            },
    };

    private void Report(ReloadResult renewal)
    {
        if (renewal.Error is null)
        {
            SocketLog.TlsRenewed(logger, renewal.Path, Expiry(identity));
        }
        else
        {
            SocketLog.TlsNotRenewed(logger, renewal.Path, renewal.Error);
        }
    }

    private static Outcome<WorkerTls>.Failed Fail(string option, string? reason) =>
        new($"{WorkerOptions.Option(option)}: {reason}");

    private static DateTime Expiry(TlsCertificate identity) =>
        identity.Context.TargetCertificate.NotAfter.ToUniversalTime();
}
