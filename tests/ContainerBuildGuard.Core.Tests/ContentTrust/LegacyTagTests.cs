using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Several that add to the older tag at once: the registry plays the others.</summary>
[TestClass]
public sealed class LegacyTagTests
{
    [TestMethod]
    [DataRow("HEAD", 1)]
    [DataRow("GET", 2)]
    public async Task Nobodys_signature_is_lost_where_another_writes_before_or_after(string method, int occurrence)
    {
        await using var fixture = new TrustFixture();
        var other = fixture.NewSigner();
        var (tag, theirs) = await SignedByAsync(fixture, other);
        var seen = 0;
        fixture.Registry.Before = request =>
        {
            // HEAD comes between reading and writing; the second GET after writing.
            if (request.Method == method && request.Path.EndsWith(tag, StringComparison.Ordinal) && ++seen == occurrence)
            {
                fixture.Registry.Manifests[tag] = theirs;
            }

            return null;
        };
        await fixture.SignAsync(fixture.Image, null, "legacy");
        Assert.IsGreaterThanOrEqualTo(occurrence, seen);
        Assert.HasCount(2, (JsonArray)fixture.Registry.Json(tag)["layers"]!);
        Assert.IsTrue((await fixture.VerifyAsync(rule: fixture.Rule(fixture.Signer, other) with { Threshold = 2 })).Verified);
    }

    [TestMethod]
    public async Task Others_that_never_stop_writing_end_in_an_error_after_a_bounded_time()
    {
        await using var fixture = new TrustFixture();
        var (tag, theirs) = await SignedByAsync(fixture, fixture.NewSigner());
        var puts = 0;
        fixture.Registry.Before = request =>
        {
            if (request.Path.EndsWith(tag, StringComparison.Ordinal))
            {
                puts += request.Method == "PUT" ? 1 : 0;
                fixture.Registry.Manifests[tag] = theirs;
            }

            return null;
        };
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => fixture.SignAsync(fixture.Image, null, "legacy"));
        Assert.AreEqual("CBG3006", thrown.Code);
        StringAssert.Contains(thrown.Message, tag);
        Assert.AreEqual(LegacyTag.MaxAttempts, puts);
    }

    [TestMethod]
    public async Task What_is_no_manifest_is_not_written_over()
    {
        await using var fixture = new TrustFixture();
        var tag = SignatureStore.Tag(fixture.Image.Digest, "sig");
        fixture.Registry.Manifests[tag] = (MediaTypes.OciManifest, "not json"u8.ToArray());
        await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.SignAsync(fixture.Image, null, "legacy"));
        Assert.AreEqual("not json", System.Text.Encoding.UTF8.GetString(fixture.Registry.Manifests[tag].Bytes));
    }

    /// <summary>The tag as somebody leaves it who signed alone.</summary>
    private static async Task<(string Tag, (string MediaType, byte[] Bytes) Manifest)> SignedByAsync(TrustFixture fixture, Sigstore.BundleSigner signer)
    {
        await fixture.SignAsync(fixture.Image, signer, "legacy");
        var tag = SignatureStore.Tag(fixture.Image.Digest, "sig");
        fixture.Registry.Manifests.Remove(tag, out var manifest);
        return (tag, manifest);
    }
}
