using ContainerBuildGuard.Sigstore.Conformance;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The trust that ships, held against bundles that the two instances made.</summary>
[TestClass]
public sealed class EmbeddedTrustTests
{
    [TestMethod]
    [DataRow("rekor2-happy-path")]
    [DataRow("rekor2-dsse-happy-path")]
    public void The_staging_root_verifies_what_the_staging_instance_signed_and_the_public_good_one_does_not(string name)
    {
        var made = new Case(name);
        var verified = new BundleVerifier(EmbeddedTrust.Staging).Verify(made.Bundle(), made.Artifact, made.Policy);
        Assert.IsTrue(verified.Verified, verified.Reason);
        Assert.IsFalse(new BundleVerifier(EmbeddedTrust.PublicGood).Verify(made.Bundle(), made.Artifact, made.Policy).Verified);
    }

    [TestMethod]
    public void The_public_good_root_verifies_what_that_instance_signed_and_the_staging_one_does_not()
    {
        var made = new Case("happy-path-v0.3");
        Assert.IsTrue(new BundleVerifier(EmbeddedTrust.PublicGood).Verify(made.Bundle(), made.Artifact, made.Policy).Verified);
        Assert.IsFalse(new BundleVerifier(EmbeddedTrust.Staging).Verify(made.Bundle(), made.Artifact, made.Policy).Verified);
    }

    [TestMethod]
    public void Each_instance_has_a_name_an_age_and_a_cache_of_its_own()
    {
        var folder = Path.Combine(Path.GetTempPath(), "cbg-no-such-trust");
        var (good, staging) = (TrustRepository.PublicGood(folder).Shipped!, TrustRepository.Staging(folder).Shipped!);
        Assert.AreNotEqual(good.Source, staging.Source);
        Assert.AreEqual(EmbeddedTrust.PublicGoodDate, good.ShippedOf);
        Assert.AreEqual(EmbeddedTrust.StagingDate, staging.ShippedOf);
        Assert.IsNull(TrustRepository.Staging(folder).ReadCached());
    }
}
