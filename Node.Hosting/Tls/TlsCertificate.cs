using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Node.Hosting.Tls;

/// <summary>
/// A node's own certificate and key, from PEM files as certificate authorities issue them: the node's certificate
/// first, then the intermediate certificates.
/// </summary>
public sealed class TlsCertificate
{
    private readonly ReloadingFile<SslStreamCertificateContext> files;

    private TlsCertificate(ReloadingFile<SslStreamCertificateContext> files) => this.files = files;

    /// <summary>Raised when the files have changed.</summary>
    public event Action<ReloadResult>? Renewed
    {
        add => files.Renewed += value;
        remove => files.Renewed -= value;
    }

    /// <summary>The certificate for the next handshake.</summary>
    public SslStreamCertificateContext Context => files.Current;

    /// <summary>When the certificate expires.</summary>
    public DateTimeOffset Expiry => Context.TargetCertificate.NotAfter.ToUniversalTime();

    /// <summary>
    /// Loads both. If <paramref name="key"/> is null, the certificate's file contains the key. Returns null and one
    /// line that names the file if they can't be used.
    /// </summary>
    public static TlsCertificate? TryLoad(
        string certificate, string? key, TimeProvider clock, [NotNullWhen(false)] out string? reason)
    {
        string[] paths = key is null ? [certificate] : [certificate, key];
        var files = ReloadingFile<SslStreamCertificateContext>.TryOpen(paths, Make, clock, out reason);
        return files is null ? null : new TlsCertificate(files);
    }

    private static SslStreamCertificateContext? Make(IReadOnlyList<byte[]> files, out string? reason)
    {
        var (certificate, key) = (Encoding.UTF8.GetString(files[0]), Encoding.UTF8.GetString(files[^1]));
        if (key.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----", StringComparison.Ordinal))
        {
            reason = "the private key is encrypted: use an unencrypted key that only this program can read";
            return null;
        }

        try
        {
            var leaf = X509Certificate2.CreateFromPem(certificate, key);
            if (OperatingSystem.IsWindows())
            {
                // TLS on Windows accepts no key that is in memory only.
                leaf = X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null);
            }

            var chain = new X509Certificate2Collection();
            chain.ImportFromPem(certificate);
            chain.RemoveAt(0);
            reason = null;
            return SslStreamCertificateContext.Create(leaf, chain, offline: true);
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            reason = $"no certificate with its private key, in PEM ({e.Message})";
            return null;
        }
    }
}
