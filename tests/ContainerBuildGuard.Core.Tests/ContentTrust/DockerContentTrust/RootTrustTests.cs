using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Which root keys are believed: the first, the pinned, those that the one before signed.</summary>
[TestClass]
public sealed class RootTrustTests
{
    [TestMethod]
    public async Task A_root_key_that_the_one_before_signed_is_followed_over_every_version()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.PassAsync();
        Rotate(fixture);
        Rotate(fixture);
        await fixture.PassAsync();
        CollectionAssert.Contains(fixture.Notary.Requests.ToList(), $"GET /v2/{fixture.Name}/_trust/tuf/2.root.json");
        CollectionAssert.Contains(fixture.Notary.Requests.ToList(), $"GET /v2/{fixture.Name}/_trust/tuf/3.root.json");
    }

    [TestMethod]
    public async Task A_root_key_that_the_one_before_did_not_sign_is_refused()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.PassAsync();
        Rotate(fixture, signedByOld: false);
        await fixture.RefuseAsync(DctRules.Refused, "by the keys of root 1");
        await fixture.PassAsync(trust: fixture.Trust with { Store = fixture.At("fresh") });
    }

    [TestMethod]
    public async Task A_step_that_is_missing_or_another_version_is_refused()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.PassAsync();
        Rotate(fixture);
        Rotate(fixture);
        var second = fixture.Notary.Files["2.root.json"];
        fixture.Notary.Files["2.root.json"] = fixture.Notary.Files["3.root.json"];
        await fixture.RefuseAsync(DctRules.Refused, "by the keys of root 1");
        fixture.Notary.Files.TryRemove("2.root.json", out _);
        await fixture.RefuseAsync(DctRules.Refused, "lacks version 2");
        fixture.Notary.Files["2.root.json"] = second;
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task A_repository_that_was_begun_anew_is_refused()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.PassAsync();
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa(fixture.Name)];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "");
    }

    [TestMethod]
    public async Task Replaced_keys_of_the_other_roles_begin_their_versions_anew()
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Timestamp.Version = fixture.Notary.Snapshot.Version = 9;
        fixture.Notary.Publish();
        await fixture.PassAsync();
        (fixture.Notary.Timestamp.Keys, fixture.Notary.Snapshot.Keys) = ([NotaryKey.Ecdsa()], [NotaryKey.Rsa()]);
        fixture.Notary.Timestamp.Version = fixture.Notary.Snapshot.Version = 1;
        fixture.Notary.Root.Version = 2;
        fixture.Notary.Publish();
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task The_root_of_another_repository_is_refused()
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa("docker.io/library/other")];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "another repository's");
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa()];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "no certificate for");
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa($"{fixture.Registry.Host}/team/*")];
        fixture.Notary.Publish();
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task A_certificate_past_its_end_or_before_its_beginning_is_not_believed_at_first_sight_and_stays_believed_where_it_is_known()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var key = fixture.Notary.Root.Keys[0].Private;
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa(fixture.Name, key: key, notAfter: DateTimeOffset.UtcNow.AddDays(-1))];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Expired, "seen now for the first time");
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa(fixture.Name, key: key, notBefore: DateTimeOffset.UtcNow.AddDays(1))];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Expired, "seen now for the first time");
        Directory.CreateDirectory(Path.Combine(fixture.Store, fixture.Name, "metadata"));
        await File.WriteAllBytesAsync(Path.Combine(fixture.Store, fixture.Name, "metadata", "root.json"), fixture.Notary.Files["root.json"]);
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task A_pinned_key_is_believed_and_no_other()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var good = fixture.Notary.Root.Keys[0].Id;
        foreach (var name in (string[])[fixture.Name, "*", $"{fixture.Registry.Host}/*"])
        {
            var trust = fixture.Trust with { Store = fixture.At($"pinned{name.Length}"), Pinning = Pinned(name, good) };
            Assert.IsEmpty((await fixture.VerifyAsync(trust: trust)).Notes);
            await fixture.PassAsync(trust: trust);
            await fixture.RefuseAsync(DctRules.Refused, "none of those that are pinned", trust: trust with { Pinning = Pinned(name, new string('0', 64)) });
        }

        // The name itself wins over a pattern, and what is pinned for others does not matter.
        await fixture.RefuseAsync(DctRules.Refused, "none of those", trust: fixture.Trust with { Pinning = new DctPinning { Certificates = Pinned("*", good).Certificates.Add(fixture.Name, [new string('0', 64)]) } });
        await fixture.PassAsync(trust: fixture.Trust with { Pinning = Pinned("docker.io/library/alpine", new string('0', 64)) });
    }

    [TestMethod]
    public async Task A_certificate_of_a_pinned_authority_is_believed_and_no_other()
    {
        await using var fixture = await DctFixture.CreateAsync();
        using var authority = new PrivateAuthority();
        using var another = new PrivateAuthority();
        await File.WriteAllTextAsync(fixture.At("ca.pem"), authority.Pem);
        await File.WriteAllTextAsync(fixture.At("another.pem"), another.Pem);
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa(fixture.Name, issuer: authority.Certificate)];
        fixture.Notary.Publish();
        DctTrust With(string file) => fixture.Trust with { Pinning = new DctPinning { DisableTofu = true, Authorities = ImmutableDictionary<string, string>.Empty.Add(fixture.Registry.Host, fixture.At(file)) } };
        await fixture.RefuseAsync(DctRules.Refused, "none of those", trust: With("another.pem"));
        await fixture.PassAsync(trust: With("ca.pem"));
        Assert.AreEqual("CBG9009", (await Assert.ThrowsExactlyAsync<GuardException>(() => fixture.VerifyAsync(trust: With("nowhere.pem")))).Code);
    }

    [TestMethod]
    public async Task Without_trust_on_first_use_a_repository_must_be_pinned_or_known()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var strict = fixture.Trust with { Pinning = new DctPinning { DisableTofu = true } };
        await fixture.RefuseAsync(DctRules.Refused, "seen for the first time", trust: strict);
        await fixture.PassAsync();
        await fixture.PassAsync(trust: strict);
    }

    private static DctPinning Pinned(string name, string id) => new() { Certificates = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add(name, [id]) };

    private static void Rotate(DctFixture fixture, bool signedByOld = true)
    {
        var (old, root) = (fixture.Notary.Root.Keys, fixture.Notary.Root);
        root.Keys = [NotaryKey.Ecdsa(fixture.Name)];
        root.SignedBy = signedByOld ? [.. old, .. root.Keys] : null;
        root.Version++;
        fixture.Notary.Publish();
    }
}
