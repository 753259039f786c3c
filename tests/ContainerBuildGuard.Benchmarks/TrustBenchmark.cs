using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>
/// How long a warm process takes to verify a bundle from its bytes, for both kinds of log. Beside it, measured in turn with it, the least that any client on this platform does for the same bundle:
/// to read the signing certificate and its key, and to verify each signature that the bundle holds.
/// </summary>
internal static class TrustBenchmark
{
    private const int Warm = 2000;
    private const int Rounds = 1000;

    /// <summary>Signatures by curve: the certificate's and the timestamp's are P-384; the artifact's, the certificate log's and Rekor 1's two are P-256; Rekor 2's is Ed25519.</summary>
    private static readonly (string Case, int P384, int P256, int Ed25519)[] Cases = [("happy-path-v0.3", 1, 4, 0), ("happy-path-intoto-in-dsse-v3", 1, 4, 0), ("rekor2-happy-path", 2, 2, 1)];

    public static int Run()
    {
        var policy = VerificationPolicy.ForIdentities(new CertificateIdentity { Subject = TextMatch.Pattern(".+"), Issuer = TextMatch.Pattern(".+") });
        foreach (var (name, p384, p256, ed25519) in Cases)
        {
            var cases = Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Sigstore.Tests", "Conformance", "cases");
            var rootFile = Path.Combine(cases, name, "trusted_root.json");
            var verifier = new BundleVerifier(File.Exists(rootFile) ? TrustedRoot.Parse(File.ReadAllBytes(rootFile)) : EmbeddedTrust.PublicGood);
            var bundle = File.ReadAllBytes(Path.Combine(cases, name, "bundle.sigstore.json"));
            var artifact = Artifact.OfContent(File.ReadAllBytes(Path.Combine(cases, "a.txt")));
            var certificate = Bundle.Parse(bundle).Certificates[0];
            (VerificationKey, byte[])[] signatures = [.. Signed(certificate, Pem(ECCurve.NamedCurves.nistP384), p384), .. Signed(certificate, Pem(ECCurve.NamedCurves.nistP256), p256), .. Signed(certificate, Ed25519Pem(), ed25519)];
            var (whole, floor) = Measure(() => verifier.Verify(bundle, artifact, policy).Verified, () => Least(certificate, signatures));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name}: median {Median(whole):F2} ms, 95 of 100 under {whole[Rounds * 95 / 100]:F2} ms; its signatures alone {Median(floor):F2} ms, ratio {Median(whole) / Median(floor):F2}"));
        }

        return 0;
    }

    private static bool Least(byte[] certificate, (VerificationKey Key, byte[] Signature)[] signatures)
    {
        using var leaf = X509CertificateLoader.LoadCertificate(certificate);
        using var key = leaf.GetECDsaPublicKey();
        return key is not null && Array.TrueForAll(signatures, s => s.Key.Verify(certificate, s.Signature));
    }

    /// <summary>As many signatures over the same bytes.</summary>
    private static IEnumerable<(VerificationKey Key, byte[] Signature)> Signed(byte[] data, string pem, int times)
    {
        var key = SigningKey.Parse(pem, null, "benchmark");
        return Enumerable.Repeat((key.PublicKey, key.Sign(data)), times);
    }

    private static string Pem(ECCurve curve)
    {
        using var key = ECDsa.Create(curve);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>A new key in PKCS#8 (RFC 8410, section 7).</summary>
    private static string Ed25519Pem() => PemEncoding.WriteString("PRIVATE KEY", [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20, .. RandomNumberGenerator.GetBytes(32)]);

    private static double Median(double[] sorted) => sorted[sorted.Length / 2];

    private static (double[] Whole, double[] Floor) Measure(Func<bool> whole, Func<bool> floor)
    {
        var (wholes, floors) = (new double[Rounds], new double[Rounds]);
        for (var i = -Warm; i < Rounds; i++)
        {
            var (one, other) = (Time(whole), Time(floor));
            if (i >= 0)
            {
                (wholes[i], floors[i]) = (one, other);
            }
        }

        Array.Sort(wholes);
        Array.Sort(floors);
        return (wholes, floors);
    }

    private static double Time(Func<bool> verified)
    {
        var start = Stopwatch.GetTimestamp();
        return verified() ? Stopwatch.GetElapsedTime(start).TotalMilliseconds : throw new InvalidOperationException("What is measured does not verify.");
    }
}
