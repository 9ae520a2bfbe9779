using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Node.Hosting.Tls;

/// <summary>The certificate authorities we trust: those in a PEM file, or those that the machine trusts.</summary>
public sealed class TrustStore
{
    private readonly ReloadingFile<X509Certificate2Collection>? file;

    private TrustStore(string name, ReloadingFile<X509Certificate2Collection>? file)
    {
        Name = name;
        this.file = file;
    }

    /// <summary>Raised when the file has changed; never for the machine's authorities.</summary>
    public event Action<ReloadResult>? Renewed
    {
        add
        {
            if (file is not null)
            {
                file.Renewed += value;
            }
        }

        remove
        {
            if (file is not null)
            {
                file.Renewed -= value;
            }
        }
    }

    /// <summary>The authorities that the machine trusts.</summary>
    public static TrustStore OfMachine { get; } = new("this machine's authorities", null);

    /// <summary>When the first of the authorities expires; null for the machine's.</summary>
    public DateTimeOffset? Expiry =>
        file?.Current.Min(authority => (DateTimeOffset)authority.NotAfter.ToUniversalTime());

    /// <summary>The name in error messages.</summary>
    public string Name { get; }

    /// <summary>
    /// Loads one or more authorities from a PEM file. Returns null and one line that names the file on failure.
    /// </summary>
    public static TrustStore? TryLoad(string path, TimeProvider clock, [NotNullWhen(false)] out string? reason)
    {
        var file = ReloadingFile<X509Certificate2Collection>.TryOpen([path], Make, clock, out reason);
        return file is null ? null : new TrustStore($"the authorities in {path}", file);
    }

    /// <summary>
    /// Returns the policy for one handshake. Certificate revocation is not checked, since nodes must not depend on an
    /// authority's server; issue short-lived certificates.
    /// </summary>
    public X509ChainPolicy Policy()
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck };
        if (file?.Current is { } trusted)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.DisableCertificateDownloads = true;
            policy.CustomTrustStore.AddRange(trusted);
            policy.ExtraStore.AddRange(trusted);
        }

        return policy;
    }

    private static X509Certificate2Collection? Make(IReadOnlyList<byte[]> files, out string? reason)
    {
        var found = new X509Certificate2Collection();
        try
        {
            found.ImportFromPem(System.Text.Encoding.UTF8.GetString(files[0]));
        }
        catch (CryptographicException e)
        {
            reason = $"not certificates in PEM ({e.Message})";
            return null;
        }

        // A chain must end at a root certificate.
        var roots = found.Any(one => one.SubjectName.RawData.AsSpan().SequenceEqual(one.IssuerName.RawData));
        reason = roots ? null : "no root (self-signed) certificate in PEM";
        return roots ? found : null;
    }
}
