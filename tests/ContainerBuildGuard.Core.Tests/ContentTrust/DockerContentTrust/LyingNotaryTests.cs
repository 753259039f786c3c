using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A Notary server that lies, in each way; and the same server right after, which is believed again.</summary>
[TestClass]
public sealed class LyingNotaryTests
{
    public static IEnumerable<object[]> Roles => [["root"], ["timestamp"], ["snapshot"], ["targets"], ["targets/releases"]];

    [TestMethod]
    [DynamicData(nameof(Roles))]
    public async Task An_older_version_than_was_trusted_before(string role)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Notary.Publish();
        fixture.Notary[role].Version = 2;
        fixture.Notary.Publish();
        await fixture.PassAsync();
        fixture.Notary[role].Version = 1;
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "2 was trusted before");
        fixture.Notary[role].Version = 3;
        fixture.Notary.Publish();
        await (role == "root" ? fixture.PassAsync(trust: fixture.Trust with { Store = fixture.At("fresh") }) : fixture.PassAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Roles))]
    public async Task Metadata_past_its_end(string role)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Notary[role].Expires = DateTimeOffset.UtcNow.AddMinutes(-1);
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Expired, $"the {role} metadata expired");
        fixture.Notary[role].Expires = DateTimeOffset.UtcNow.AddMinutes(10);
        fixture.Notary.Publish();
        await fixture.PassAsync();
    }

    [TestMethod]
    [DynamicData(nameof(Roles))]
    public async Task Metadata_by_a_key_that_is_not_the_roles(string role)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Notary[role].SignedBy = [NotaryKey.Ecdsa(fixture.Name)];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "has 0 good signatures");
    }

    [TestMethod]
    [DynamicData(nameof(Roles))]
    public async Task Fewer_signatures_than_the_threshold(string role)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var key = NotaryKey.Ecdsa(fixture.Name);
        fixture.Notary[role].Keys = [key, NotaryKey.Ecdsa(fixture.Name)];
        (fixture.Notary[role].Threshold, fixture.Notary[role].SignedBy) = (2, [key]);
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "1 good signatures of its role's keys, 2 are needed");
        fixture.Notary[role].SignedBy = null;
        fixture.Notary.Publish();
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task One_key_in_two_certificates_counts_once()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var key = NotaryKey.Ecdsa("alice");
        fixture.Notary["targets/releases"].Keys = [key, NotaryKey.Ecdsa("bob", key: key.Private)];
        fixture.Notary["targets/releases"].Threshold = 2;
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "1 good signatures");
    }

    [TestMethod]
    [DataRow("snapshot")]
    [DataRow("targets")]
    [DataRow("targets/releases")]
    public async Task Content_with_another_hash_or_length(string role)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var (file, good) = (fixture.Notary.FileOf(role), fixture.Notary.Files[fixture.Notary.FileOf(role)]);
        fixture.Notary.Files[file] = [.. good[..^1], (byte)' '];
        await fixture.RefuseAsync(DctRules.Refused, "does not have the length and hashes");
        fixture.Notary.Files[file] = [.. good, (byte)' '];
        await fixture.RefuseAsync(DctRules.Refused, "more than it should");
        fixture.Notary.Files[file] = good[..^1];
        await fixture.RefuseAsync(DctRules.Refused, "does not have the length and hashes");
        fixture.Notary.Files.TryRemove(file, out _);
        await fixture.RefuseAsync(DctRules.Refused, $"lacks the {role} metadata");
        fixture.Notary.Files[file] = good;
        await fixture.PassAsync();
    }

    [TestMethod]
    [DataRow("snapshot", "targets", "lists no targets")]
    [DataRow("snapshot", "root", "lists no root")]
    [DataRow("timestamp", "snapshot", "lists no snapshot")]
    public async Task A_list_that_leaves_a_role_out(string list, string role, string why)
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Change = (name, body) => _ = name == list && body["meta"]!.AsObject().Remove(role);
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, why);
    }

    [TestMethod]
    public async Task A_snapshot_that_drops_a_delegation_which_was_there()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Sign("targets", "1.0", fixture.Image);
        fixture.Notary.Publish();
        await fixture.PassAsync();
        fixture.Notary.Change = (name, body) => _ = name == "snapshot" && body["meta"]!.AsObject().Remove("targets/releases");
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "drops targets/releases");
    }

    [TestMethod]
    public async Task An_old_root_beside_a_snapshot_that_lists_a_newer_one()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var old = fixture.Notary.Files["root.json"];
        fixture.Notary.Root.Version = 2;
        fixture.Notary.Publish();
        fixture.Notary.Files["root.json"] = old;
        await fixture.RefuseAsync(DctRules.Refused, "the root metadata does not have the length and hashes");
    }

    [TestMethod]
    [DataRow("snapshot")]
    [DataRow("targets")]
    [DataRow("targets/releases")]
    public async Task Older_metadata_in_the_place_of_the_current_one(string role)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var old = fixture.Notary.Files[fixture.Notary.FileOf(role)];
        fixture.Notary[role].Expires = fixture.Notary[role].Expires.AddDays(1);
        fixture.Notary[role].Version = 2;
        fixture.Notary.Publish();
        var current = fixture.Notary.FileOf(role);
        var good = fixture.Notary.Files[current];
        fixture.Notary.Files[current] = old;
        await fixture.RefuseAsync(DctRules.Refused, "does not have the length and hashes");
        fixture.Notary.Files[current] = good;
        await fixture.PassAsync();
    }

    [TestMethod]
    [DataRow("targets", "targets/releases", "good signatures")]
    [DataRow("snapshot", "targets", "of another type")]
    [DataRow("targets", "snapshot", "of another type")]
    public async Task The_metadata_of_one_role_in_the_place_of_another(string shown, string role, string why)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var file = fixture.Notary.Files[fixture.Notary.FileOf(shown)];
        fixture.Notary.Change = (name, body) =>
        {
            // Listed as what it is, so that only its role tells.
            if (name == (role == "snapshot" ? "timestamp" : "snapshot"))
            {
                body["meta"]![role] = FakeNotary.Listed(file);
            }
        };
        fixture.Notary.Publish();
        fixture.Notary.Files[$"{role}.{Convert.ToHexStringLower(SHA256.HashData(file))}.json"] = file;
        await fixture.RefuseAsync(DctRules.Refused, why);
    }

    [TestMethod]
    public async Task A_key_whose_identity_is_another()
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Change = (name, body) =>
        {
            if (name == "root")
            {
                body["keys"]![fixture.Notary.Targets.Keys[0].Id] = NotaryKey.Ecdsa().Json;
            }
        };
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "is not the one that its identity names");
    }

    [TestMethod]
    [DataRow("targets/../../../../escape")]
    [DataRow("targets/..")]
    [DataRow("other")]
    [DataRow("targets/releases?x=1")]
    public async Task A_delegation_whose_name_leads_elsewhere(string name)
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Change = (role, body) =>
        {
            if (role == "targets")
            {
                var json = new FakeRole(NotaryKey.Ecdsa()).Json;
                json["name"] = name;
                body["delegations"]!["roles"]!.AsArray().Add((JsonNode)json);
            }
        };
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "name is none");
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("null")]
    [DataRow("<html>sign in</html>")]
    [DataRow("{\"signed\":{},\"signatures\":[]}")]
    [DataRow("{\"signed\":{\"_type\":\"Root\",\"version\":1e3},\"signatures\":[]}")]
    [DataRow("{\"signed\":{\"_type\":\"Root\",\"_type\":\"Root\"},\"signatures\":[]}")]
    [DataRow("[[[[")]
    public async Task Garbage(string text)
    {
        await using var fixture = await DctFixture.CreateAsync();
        foreach (var file in fixture.Notary.Files.Keys)
        {
            var good = fixture.Notary.Files[file];
            fixture.Notary.Files[file] = Encoding.UTF8.GetBytes(text);
            if (file != "1.root.json")
            {
                Assert.IsFalse((await fixture.VerifyAsync()).Verified, file);
            }

            fixture.Notary.Files[file] = good;
        }

        await fixture.PassAsync();
    }

    [TestMethod]
    [DataRow("root.json")]
    [DataRow("timestamp.json")]
    public async Task An_answer_without_an_end(string file)
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Lie = async (context, asked) =>
        {
            if (asked != file)
            {
                return false;
            }

            // Far more than the reader takes, and no more: writes to a connection that is gone end at once, so that a loop without a count would spin until somebody tells it.
            for (var block = 0; block < 1024 && !context.RequestAborted.IsCancellationRequested; block++)
            {
                await context.Response.Body.WriteAsync(new byte[1 << 16], context.RequestAborted);
            }

            return true;
        };
        await fixture.RefuseAsync(DctRules.Refused, "more than it should");
    }

    [TestMethod]
    public async Task A_length_beyond_reason()
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Change = (name, body) =>
        {
            if (name == "snapshot")
            {
                body["meta"]!["targets"]!["length"] = 1L << 40;
            }
        };
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "is to have 1099511627776 bytes");
    }

    [TestMethod]
    [DataRow(500, "")]
    [DataRow(403, "")]
    [DataRow(401, "")]
    [DataRow(302, "/v2/round")]
    [DataRow(302, "file:///etc/passwd")]
    public async Task Refusals_and_redirects_without_an_end_are_unknown(int status, string location)
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Lie = (context, _) =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = location.Length == 0 ? default : location;
            return Task.FromResult(true);
        };
        await fixture.UnknownAsync("could not be looked up");
    }

    [TestMethod]
    public async Task Any_byte_of_good_metadata_that_is_changed()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var random = new Random(9);
        foreach (var file in fixture.Notary.Files.Keys.Where(f => !char.IsAsciiDigit(f[0])))
        {
            for (var i = 0; i < 40; i++)
            {
                var good = fixture.Notary.Files[file];
                var bad = (byte[])good.Clone();
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
                fixture.Notary.Files[file] = bad;
                var trust = fixture.Trust with { Store = fixture.At($"store-{file.Length}-{i}"), Signers = ["alice"] };
                var verified = (await fixture.VerifyAsync(trust: trust)).Verified;
                Assert.IsFalse(verified, $"{file}: {Encoding.UTF8.GetString(bad)}");
                fixture.Notary.Files[file] = good;
            }
        }
    }

    [TestMethod]
    public async Task A_server_that_nobody_answers_at_is_unknown()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.UnknownAsync("cannot be reached", fixture.Trust with { Server = new Uri("http://127.0.0.1:1") });
    }
}
