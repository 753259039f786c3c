using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Sigstore.Conformance;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Nothing in a good bundle can be changed without being noticed.</summary>
[TestClass]
public sealed class FlippedByteTests
{
    /// <summary>Rekor v1 with promise and proof; an envelope; Rekor v2 with a timestamp and its certificate.</summary>
    [TestMethod]
    [DataRow("happy-path-v0.3")]
    [DataRow("happy-path-intoto-in-dsse-v3")]
    [DataRow("rekor2-timestamp-with-embedded-cert")]
    public void A_bundle_with_one_flipped_byte_never_verifies(string name)
    {
        var good = new Case(name);
        var bundle = good.Bundle();
        Assert.IsTrue(good.Verify(bundle).Verified, good.Verify(bundle).Reason);
        var (verifier, artifact, policy) = (new BundleVerifier(good.TrustedRoot), good.Artifact, good.Policy);
        var whole = JsonNode.Parse(bundle);
        var accepted = new List<string>();
        for (var i = 0; i < bundle.Length; i++)
        {
            // Two neighbours of each byte, in turn: the next one, and the other case of a letter.
            var mask = (byte)(i % 2 == 0 ? 0x01 : 0x20);
            bundle[i] ^= mask;
            if (verifier.Verify(bundle, artifact, policy).Verified && !SaysTheSame(bundle, whole))
            {
                accepted.Add(string.Create(CultureInfo.InvariantCulture, $"byte {i} ^ {mask}: …{Encoding.UTF8.GetString(bundle, Math.Max(0, i - 30), Math.Min(60, bundle.Length - Math.Max(0, i - 30)))}…"));
            }

            bundle[i] ^= mask;
        }

        Assert.IsEmpty(accepted, string.Join('\n', accepted.Take(20)));
    }

    /// <summary>JSON has two spellings for some characters (<c>\u003D</c>, <c>\u003d</c>).</summary>
    private static bool SaysTheSame(byte[] json, JsonNode? whole) => JsonNode.DeepEquals(JsonNode.Parse(json), whole);
}
