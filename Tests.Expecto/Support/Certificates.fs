/// Certificate authorities and certificates for the tests, as PEM files in temporary folders.
namespace Tests.Expecto

open System
open System.IO
open System.Net
open System.Security.Cryptography
open System.Security.Cryptography.X509Certificates

/// A certificate's file and its key's.
type PemPair = { Certificate: string; Key: string }

/// What a certificate is for.
type Purpose =
    | Server of names: string list
    | Client

/// An authority that signs whatever it is asked to. Disposing deletes its folder.
[<Sealed>]
type Authority(name: string) =
    let folder = Directory.CreateTempSubdirectory "tls-"
    let now = DateTimeOffset.UtcNow

    let request (subject: string) (key: ECDsa) =
        CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256)

    let mayOnly (usage: X509KeyUsageFlags) (request: CertificateRequest) =
        request.CertificateExtensions.Add(X509KeyUsageExtension(usage, true))

    let authority isLast (request: CertificateRequest) =
        request.CertificateExtensions.Add(X509BasicConstraintsExtension(true, isLast, 0, true))
        mayOnly X509KeyUsageFlags.KeyCertSign request
        request

    let rootKey = ECDsa.Create ECCurve.NamedCurves.nistP256

    let root =
        (request name rootKey |> authority false).CreateSelfSigned(now.AddDays -10.0, now.AddDays 10.0)

    let middleKey = ECDsa.Create ECCurve.NamedCurves.nistP256

    /// Signs the nodes' certificates, as public authorities do it: a node shows it along with its own.
    let middle =
        let signed =
            (request $"{name} (signing)" middleKey |> authority true)
                .Create(root, now.AddDays -9.0, now.AddDays 9.0, [| 2uy |])

        signed.CopyWithPrivateKey middleKey

    let write file (text: string) =
        let path = Path.Combine(folder.FullName, file)
        File.WriteAllText(path, text)
        path

    let purpose (which: Purpose) (request: CertificateRequest) =
        let usage, names =
            match which with
            | Server names -> "1.3.6.1.5.5.7.3.1", names
            | Client -> "1.3.6.1.5.5.7.3.2", []

        let usages = OidCollection()
        usages.Add(Oid usage) |> ignore
        request.CertificateExtensions.Add(X509EnhancedKeyUsageExtension(usages, false))

        if not names.IsEmpty then
            let alternatives = SubjectAlternativeNameBuilder()

            for name in names do
                match IPAddress.TryParse name with
                | true, NonNull address -> alternatives.AddIpAddress address
                | _ -> alternatives.AddDnsName name

            request.CertificateExtensions.Add(alternatives.Build())

    /// The authority's own certificate.
    member val File = write "ca.pem" (root.ExportCertificatePem())

    /// Signs a certificate that is good from `first` to `last`, in days from now, and writes it as `file`.pem.
    member _.Sign(file: string, which: Purpose, first: float, last: float) : PemPair =
        use key = ECDsa.Create ECCurve.NamedCurves.nistP256
        let request = request file key
        purpose which request

        use signed =
            request.Create(middle, now.AddDays first, now.AddDays last, RandomNumberGenerator.GetBytes 8)

        {
            Certificate = write $"{file}.pem" (signed.ExportCertificatePem() + "\n" + middle.ExportCertificatePem())
            Key = write $"{file}.key" (key.ExportPkcs8PrivateKeyPem())
        }

    /// Good today.
    member authority.Sign(file, which) = authority.Sign(file, which, -1.0, 1.0)

    interface IDisposable with
        member _.Dispose() = folder.Delete true
