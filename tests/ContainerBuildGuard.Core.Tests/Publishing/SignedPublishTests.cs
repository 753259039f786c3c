using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Publishing;

/// <summary>The signing half of a publish: what is attached, and what is said where signing fails after delivery.</summary>
[TestClass]
public sealed class SignedPublishTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-publish-");
    private readonly SmallRegistry _registry = new(hasReferrersApi: true);

    public required TestContext TestContext { get; init; }

    public void Dispose()
    {
        _registry.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task What_the_policy_attests_is_attached_and_verifies_by_the_policy()
    {
        var outcome = await PublishAsync("slsa-provenance, cyclonedx, spdx, vulnerabilities, guard");
        Assert.IsEmpty(outcome.Errors);
        StringAssert.Contains(string.Join(' ', outcome.Summary), "5 attestations");
        var rule = new TrustRule
        {
            Signers = [new TrustedSigner { Key = At("key.pub") }],
            Attestations =
            [
                new RequiredAttestation { Type = "slsa-provenance", Builder = "*", Source = "https://example.test/app", MaxAge = TimeSpan.FromDays(1) },
                new RequiredAttestation { Type = "guard", Verdict = "passed", NoVulnerability = Findings.Severity.Low, MaxAge = TimeSpan.FromDays(1) },
                new RequiredAttestation { Type = "vulnerabilities", NoVulnerability = Findings.Severity.Low, MaxAge = TimeSpan.FromDays(1) },
                new RequiredAttestation { Type = "cyclonedx", MaxAge = TimeSpan.FromDays(1) },
                new RequiredAttestation { Type = "spdx", MaxAge = TimeSpan.FromDays(1) },
            ],
        };
        using var client = new RegistryClient(new RegistryClientOptions());
        var signers = await TrustedSigners.OpenAsync(rule.Signers, null, offline: true, TestContext.CancellationToken);
        var result = await ImageVerifier.VerifyAsync(client, ImageReference.Parse($"{_registry.Host}/app:1.0"), rule, signers, ["bundle"], TestContext.CancellationToken);
        Assert.IsTrue(result.Verified, string.Join("; ", result.Failures.Select(f => $"{f.What}: {string.Join(", ", f.Reasons)}")));
        Assert.HasCount(6, result.Signatures);
    }

    [TestMethod]
    public async Task Provenance_names_the_source_the_base_and_the_packages_with_their_hashes()
    {
        Directory.CreateDirectory(At("obj"));
        var hash = Convert.ToBase64String(new byte[64]);
        await File.WriteAllTextAsync(At("obj/project.assets.json"), $$$"""{"project":{"restore":{"projectName":"app","projectPath":"app.csproj"}},"targets":{},"projectFileDependencyGroups":{},"libraries":{"A.Package/1.2.3":{"type":"package","sha512":"{{{hash}}}"},"Other/1.0.0":{"type":"project"} } }""", TestContext.CancellationToken);
        await PublishAsync("slsa-provenance", r => r with { ProjectAssetsFile = At("obj/project.assets.json"), SdkVersion = "10.0.999" });
        var predicate = Predicate(PredicateTypes.Provenance);
        Assert.AreEqual("10.0.999", (string?)predicate["runDetails"]!["builder"]!["version"]!["dotnet-sdk"]);
        var uris = predicate["buildDefinition"]!["resolvedDependencies"]!.AsArray().Select(d => (string)d!["uri"]!).ToArray();
        CollectionAssert.AreEqual(new[] { "git+https://example.test/app@0123456789012345678901234567890123456789", "docker://example.test/base:1", "pkg:nuget/A.Package@1.2.3" }, uris);
        Assert.AreEqual(new string('0', 128), (string?)predicate["buildDefinition"]!["resolvedDependencies"]![2]!["digest"]!["sha512"]);
    }

    [TestMethod]
    public async Task The_guards_word_and_the_scan_say_which_advisories_were_looked_at()
    {
        var advisories = At("advisories");
        Directory.CreateDirectory(advisories);
        await File.WriteAllTextAsync(Path.Combine(advisories, "A-1.json"), """{"id":"A-1","modified":"2026-11-01T00:00:00Z","affected":[{"package":{"ecosystem":"NuGet","name":"made.up"},"versions":["1.0.0"]}]}""", TestContext.CancellationToken);
        await PublishAsync("guard, vulnerabilities", r => r with { AdvisoriesPath = advisories });
        var used = Predicate(PredicateTypes.Guard)["advisories"]!;
        Assert.AreEqual((1, "2026-11-01T00:00:00Z"), ((int)used["count"]!, (string)used["asOf"]!));
        Assert.AreEqual("2026-11-01T00:00:00Z", (string?)Predicate(PredicateTypes.Vulnerabilities)["scanner"]!["db"]!["version"]);
    }

    [TestMethod]
    public async Task A_signature_that_the_registry_refuses_is_an_error_that_says_the_image_is_there_and_how_to_sign_it()
    {
        _registry.Before = request => request.Method == "PUT" && request.Text.Contains("dev.sigstore.bundle", StringComparison.Ordinal) ? new ServerAnswer(403, []) : null;
        var outcome = await PublishAsync("guard");
        var error = outcome.Errors.Single();
        Assert.AreEqual("CBG3006", error.Code);
        StringAssert.Contains(error.Message, "is there but unsigned");
        StringAssert.Contains(error.Message, $"cbg sign {_registry.Host}/app@sha256:");
        Assert.IsEmpty(outcome.Names);
        Assert.IsFalse(_registry.Manifests.ContainsKey("1.0"), "No tag may point at an unsigned image.");
        Assert.IsTrue(File.Exists(At("reports/report.json")));
    }

    [TestMethod]
    public async Task A_known_layer_that_was_damaged_since_is_found_on_its_way_and_gets_no_tag()
    {
        await PublishAsync("guard");
        _registry.Manifests.Clear();
        await PublishAsync("guard", Damaged);
        Assert.IsTrue(_registry.Manifests.ContainsKey("1.0"), "The registry has the layer: the damaged copy goes nowhere.");

        _registry.Manifests.Clear();
        _registry.Blobs.Clear();
        var thrown = await Assert.ThrowsExactlyAsync<Findings.GuardException>(() => PublishAsync("guard", Damaged));
        Assert.AreEqual(GuardRules.DigestMismatch.Code, thrown.Code);
        Assert.IsEmpty(_registry.Manifests);
        Assert.IsTrue(File.Exists(At("reports/report.json")));

        PublishRequest Damaged(PublishRequest request)
        {
            var bytes = File.ReadAllBytes(request.StagedArchive);
            bytes[bytes.AsSpan().IndexOf((byte[])[0x1F, 0x8B]) + 20] ^= 1;
            File.WriteAllBytes(request.StagedArchive, bytes);
            return request;
        }
    }

    [TestMethod]
    public async Task A_required_signature_without_key_or_identity_stops_before_anything_is_sent()
    {
        var thrown = await Assert.ThrowsExactlyAsync<Findings.GuardException>(() => PublishAsync("guard", r => r with { Key = "", Sign = "required" }));
        Assert.AreEqual("CBG3005", thrown.Code);
        Assert.IsEmpty(_registry.Manifests);
    }

    /// <summary>The predicate of the one statement of this type that was pushed.</summary>
    private JsonNode Predicate(string type) => _registry.Blobs.Values.Where(b => b.Length > 2 && b[0] == (byte)'{').Select(b => JsonNode.Parse(b)!["dsseEnvelope"]).Where(e => e is not null)
        .Select(e => JsonNode.Parse(Convert.FromBase64String((string)e!["payload"]!))!).Single(s => (string?)s["predicateType"] == type)["predicate"]!;

    private async Task<PublishOutcome> PublishAsync(string attest, Func<PublishRequest, PublishRequest>? change = null)
    {
        var image = new ImageBuilder()
            .Layer(l => l.File("app/readme.txt", "hello"))
            .User("1654")
            .Label("org.opencontainers.image.source", "https://example.test/app")
            .Label("org.opencontainers.image.revision", "0123456789012345678901234567890123456789")
            .Label("org.opencontainers.image.base.name", "example.test/base:1")
            .Label("org.opencontainers.image.base.digest", $"sha256:{new string('a', 64)}")
            .Build();
        await using (var staged = File.Create(At("staged.tar")))
        {
            await OciArchiveWriter.WriteAsync(image, "app", ["1.0"], staged, TestContext.CancellationToken);
        }

        using var key = SigningKey.Generate();
        await File.WriteAllTextAsync(At("key.pem"), key.ExportPem(null), TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("key.pub"), key.PublicKey.Pem, TestContext.CancellationToken);
        await File.WriteAllTextAsync(At("policy.yaml"), $"fail-on: none\ncontrols: {{ content-security: {{ require-advisories: false }} }}\nattest: [{attest}]\n", Encoding.UTF8, TestContext.CancellationToken);
        var request = new PublishRequest
        {
            StagedArchive = At("staged.tar"),
            Registry = _registry.Host,
            Repository = "app",
            Tags = ["1.0"],
            ProjectFile = At("app.csproj"),
            PolicyPath = At("policy.yaml"),
            AdvisoriesPath = Path.Combine(Repository.Root, "samples", "advisories"),
            Key = At("key.pem"),
            SignatureFormats = ["bundle"],
            ReportDirectory = At("reports"),
        };
        return await GuardedPublish.RunAsync(change?.Invoke(request) ?? request, TestContext.CancellationToken);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
