using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>The certificates of trust stores, and roots that are known by their fingerprint alone: the chain in a signature is complete, so that the fingerprint is enough.</summary>
/// <param name="Fingerprints">SHA-256 of certificates, lower-case hexadecimal.</param>
/// <param name="Certificates">Those of which there is more than the fingerprint.</param>
internal sealed record TrustAnchors(ImmutableHashSet<string> Fingerprints, ImmutableArray<X509Certificate2> Certificates)
{
    public static TrustAnchors None { get; } = new([], []);

    public static TrustAnchors Of(IReadOnlyCollection<X509Certificate2> certificates) => new([.. certificates.Select(Fingerprint)], [.. certificates]);

    public static string Fingerprint(X509Certificate2 certificate) => certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();

    public bool Contains(X509Certificate2 certificate) => Fingerprints.Contains(Fingerprint(certificate));

    public TrustAnchors Add(TrustAnchors more) => new(Fingerprints.Union(more.Fingerprints), [.. Certificates, .. more.Certificates]);
}

/// <summary>A trust store folder as the notation program lays it out: <c>x509/TYPE/NAME/*</c>, one or more certificates a file, PEM or DER, no symbolic links.</summary>
internal static class TrustStore
{
    private const int MaxBytes = 1 << 20;
    private const int MaxFiles = 1000;

    /// <exception cref="GuardException">CBG3007: the store is missing, empty, or holds what is no trusted root.</exception>
    public static TrustAnchors Load(string folder, StoreName store)
    {
        var path = Path.Combine(folder, "x509", StoreName.FolderOf(store.Type), store.Name);
        try
        {
            var directory = new DirectoryInfo(path);
            if (!directory.Exists || directory.LinkTarget is not null)
            {
                throw Error(path, directory.Exists ? "it is a symbolic link" : "there is no such folder");
            }

            // Folders inside it are left alone, as notation leaves them.
            var files = directory.EnumerateFiles().Take(MaxFiles + 1).OrderBy(f => f.Name, StringComparer.Ordinal).ToList();
            if (files.Count is 0 or > MaxFiles)
            {
                throw Error(path, files.Count == 0 ? "it is empty" : $"it has more than {MaxFiles} files");
            }

            return TrustAnchors.Of([.. files.SelectMany(f => Read(f, store.Type))]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw Error(path, e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>The certificates of a file, PEM or DER.</summary>
    /// <exception cref="CryptographicException">There is none.</exception>
    public static IReadOnlyList<X509Certificate2> ReadCertificates(byte[] content)
    {
        if (content.AsSpan().IndexOf("-----BEGIN "u8) < 0)
        {
            return [X509CertificateLoader.LoadCertificate(content)];
        }

        var found = new X509Certificate2Collection();
        found.ImportFromPem(System.Text.Encoding.ASCII.GetString(content));
        return found.Count > 0 ? [.. found] : throw new CryptographicException("it has no certificate");
    }

    private static IReadOnlyList<X509Certificate2> Read(FileInfo file, StoreType type)
    {
        if (file.LinkTarget is not null || (file.Attributes & (FileAttributes.ReparsePoint | FileAttributes.Device)) != 0)
        {
            throw Error(file.FullName, "it is a symbolic link or no regular file");
        }

        // A pipe has no length and would never end.
        if (file.Length is 0 or > MaxBytes)
        {
            throw Error(file.FullName, $"it is empty or has more than {MaxBytes} bytes");
        }

        return Usable(ReadCertificates(File.ReadAllBytes(file.FullName)), type, file.FullName);
    }

    /// <summary>The certificates, where each may stand in a store of the type.</summary>
    /// <exception cref="GuardException">CBG3007: one may not.</exception>
    internal static IReadOnlyList<X509Certificate2> Usable(IReadOnlyList<X509Certificate2> certificates, StoreType type, string where)
    {
        foreach (var certificate in certificates)
        {
            var authority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault()?.CertificateAuthority == true;
            if (type == StoreType.Tsa ? !(authority && IsSelfSigned(certificate)) : !(authority || IsSelfSigned(certificate)))
            {
                throw Error(where, $"'{certificate.Subject}' is {(type == StoreType.Tsa ? "no root certificate" : "neither a certificate authority nor self-signed")}");
            }
        }

        return certificates;
    }

    private static bool IsSelfSigned(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData) && Safe(() => SignedBytes.Of(certificate).IsBy(certificate));

    private static bool Safe(Func<bool> check)
    {
        try
        {
            return check();
        }
        catch (Exception e) when (e is SigstoreException or System.Formats.Asn1.AsnContentException)
        {
            return false;
        }
    }

    internal static GuardException Error(string path, string what, Exception? inner = null) =>
        new(ContentTrustRules.TrustUnavailable.Code, GuardFailure.Input, $"The trust store '{path}' cannot be used: {what}.", inner);
}
