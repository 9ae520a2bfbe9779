using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Node.Hosting.Tls;

/// <summary>Describes why a peer's certificate is rejected.</summary>
public static class CertificateErrors
{
    /// <summary>
    /// Returns null if nothing is wrong, otherwise one line without a full stop. <paramref name="host"/> is the name
    /// expected in the certificate, or null to accept any.
    /// </summary>
    public static string? Reason(
        X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, TrustStore authorities, string? host)
    {
        if (errors == SslPolicyErrors.None)
        {
            return null;
        }

        if (certificate is not X509Certificate2 shown || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "it presented no certificate";
        }

        var its = $"its certificate ({shown.Subject})";
        var problems = X509ChainStatusFlags.NoError;
        foreach (var status in chain?.ChainStatus ?? [])
        {
            problems |= status.Status;
        }

        if (problems.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            return Outside(chain!) ?? $"{its} is not valid now";
        }

        if ((problems & (X509ChainStatusFlags.PartialChain | X509ChainStatusFlags.UntrustedRoot)) != 0)
        {
            return $"{its} was not issued by {authorities.Name}, but by {shown.Issuer}";
        }

        if (problems != X509ChainStatusFlags.NoError)
        {
            return $"{its} is not valid for this purpose ({problems})";
        }

        return $"{its} is for {Names(shown)}, not for {host}";
    }

    private static string? Outside(X509Chain chain)
    {
        var now = DateTime.Now;
        foreach (var one in chain.ChainElements.Select(element => element.Certificate))
        {
            if (one.NotAfter < now)
            {
                return $"the certificate {one.Subject} has expired at {Time(one.NotAfter)}";
            }

            if (one.NotBefore > now)
            {
                return $"the certificate {one.Subject} is not valid before {Time(one.NotBefore)}";
            }
        }

        return null;
    }

    private static string Time(DateTime time) =>
        time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Names(X509Certificate2 certificate)
    {
        var names = certificate.Extensions
            .OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension
                .EnumerateDnsNames()
                .Concat(extension.EnumerateIPAddresses().Select(address => $"{address}")))
            .ToList();
        return names.Count == 0 ? "no name" : string.Join(", ", names);
    }
}
