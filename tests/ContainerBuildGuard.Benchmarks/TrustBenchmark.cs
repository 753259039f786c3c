using System.Diagnostics;
using System.Globalization;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>How long a warm process takes to verify a bundle from its bytes, for both kinds of log; beside it what the signatures in it cost alone.</summary>
internal static class TrustBenchmark
{
    private const int Warm = 3000;
    private const int Rounds = 1000;

    public static int Run()
    {
        var policy = VerificationPolicy.ForIdentities(new CertificateIdentity { Subject = TextMatch.Pattern(".+"), Issuer = TextMatch.Pattern(".+") });
        foreach (var name in (string[])["happy-path-v0.3", "happy-path-intoto-in-dsse-v3", "rekor2-happy-path"])
        {
            var cases = Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Sigstore.Tests", "Conformance", "cases");
            var rootFile = Path.Combine(cases, name, "trusted_root.json");
            var verifier = new BundleVerifier(File.Exists(rootFile) ? TrustedRoot.Parse(File.ReadAllBytes(rootFile)) : EmbeddedTrust.PublicGood);
            var bundle = File.ReadAllBytes(Path.Combine(cases, name, "bundle.sigstore.json"));
            var artifact = Artifact.OfContent(File.ReadAllBytes(Path.Combine(cases, "a.txt")));
            Print(name, Measure(() => verifier.Verify(bundle, artifact, policy).Verified));
        }

        using var key = VerificationKey.FromSubjectPublicKeyInfo(EmbeddedTrust.PublicGood.CertificateAuthorities[^1].Chain[0].PublicKey.ExportSubjectPublicKeyInfo());
        byte[] data = [1, 2, 3], wrong = [0x30, 6, 2, 1, 5, 2, 1, 7];
        Print("one P-384 signature, of which a bundle has one or two", Measure(() => !key.Verify(data, wrong)));
        return 0;
    }

    private static double[] Measure(Func<bool> verified)
    {
        var times = new double[Rounds];
        for (var i = -Warm; i < Rounds; i++)
        {
            var start = Stopwatch.GetTimestamp();
            if (!verified())
            {
                throw new InvalidOperationException("What is measured does not verify.");
            }

            if (i >= 0)
            {
                times[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        }

        Array.Sort(times);
        return times;
    }

    private static void Print(string name, double[] times) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: median {times[Rounds / 2]:F2} ms, 95 of 100 under {times[Rounds * 95 / 100]:F2} ms"));
}
