using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Bundles go both ways between this library and sigstore-js, over a Sigstore on loopback.</summary>
[TestClass]
public sealed class SigstoreJsTests
{
    private static readonly byte[] Content = "an artifact"u8.ToArray();
    private static readonly Artifact Artifact = Artifact.OfContent(Content);
    private static readonly byte[] Statement = InTotoStatement.Write("sha256", Convert.ToHexStringLower(Artifact.Sha256), "https://example.test/predicate", new JsonObject());
    private static SigstoreServer? _server;

    public required TestContext TestContext { get; init; }

    [ClassInitialize]
    public static async Task Start(TestContext _) => _server = await SigstoreServer.StartAsync();

    [ClassCleanup]
    public static async Task Stop()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    [TestMethod]
    [DataRow("message", 1)]
    [DataRow("message", 2)]
    [DataRow("statement", 1)]
    [DataRow("statement", 2)]
    public async Task What_is_signed_here_sigstore_js_verifies(string kind, int rekor)
    {
        var server = Server();
        using var http = new HttpClient();
        var config = SigningConfig.Parse(await File.ReadAllBytesAsync(server.SigningConfigPath(rekor), TestContext.CancellationToken));
        using var credential = await SigningCredential.FromIdentityAsync(IdentityToken.Parse(SigstoreServer.Token), config.CertificateAuthorities[0].Url, http, TestContext.CancellationToken);
        var signer = new BundleSigner(credential, SigningServices.From(config, DateTimeOffset.UtcNow), Root(server), http);
        var bundle = kind == "message" ? await signer.SignContentAsync(Content, TestContext.CancellationToken) : await signer.SignStatementAsync(Statement, TestContext.CancellationToken);
        Assert.HasCount(1, bundle.LogEntries);
        Assert.AreEqual(rekor == 1 ? "0.0.1" : "0.0.2", bundle.LogEntries[0].KindVersion);
        Assert.HasCount(1, bundle.Timestamps);
        Assert.IsNull(await server.VerifyAsync(bundle.ToJson(), kind == "message" ? Content : null));
        var damaged = bundle with { Timestamps = [], LogEntries = [bundle.LogEntries[0] with { CanonicalizedBody = [.. bundle.LogEntries[0].CanonicalizedBody, (byte)' '] }] };
        Assert.IsNotNull(await server.VerifyAsync(damaged.ToJson(), kind == "message" ? Content : null));
    }

    [TestMethod]
    [DataRow("message", 1, false)]
    [DataRow("message", 1, true)]
    [DataRow("message", 2, true)]
    [DataRow("statement", 1, false)]
    [DataRow("statement", 1, true)]
    [DataRow("statement", 2, true)]
    public async Task What_sigstore_js_signs_is_verified_here(string kind, int rekor, bool timestamp)
    {
        var server = Server();
        var bundle = await server.SignAsync(kind, rekor, timestamp, kind == "message" ? Content : Statement);
        var result = Verify(server, bundle, Artifact);
        Assert.IsTrue(result.Verified, $"{result.Steps[^1].Step}: {result.Reason}");
        Assert.HasCount((rekor == 1 ? 1 : 0) + (timestamp ? 1 : 0), result.SigningTimes);
        Assert.AreEqual(kind == "statement", result.Statement is not null);
        Assert.IsFalse(Verify(server, bundle, Artifact.OfContent("another"u8.ToArray())).Verified);
        Assert.IsFalse(new BundleVerifier(EmbeddedTrust.PublicGood).Verify(bundle, Artifact, Policy).Verified);
    }

    [TestMethod]
    public async Task The_conformance_command_line_signs_and_verifies()
    {
        var server = Server();
        var (artifact, output) = (Path.Combine(server.Folder, "artifact"), Path.Combine(server.Folder, "artifact.sigstore.json"));
        await File.WriteAllBytesAsync(artifact, Content, TestContext.CancellationToken);
        using var error = new StringWriter();
        string[] trust = ["--trusted-root", server.TrustedRootPath];
        var signed = await Conformance.Protocol.RunAsync(["sign-bundle", "--identity-token", SigstoreServer.Token, "--bundle", output, .. trust, "--signing-config", server.SigningConfigPath(2), artifact], error);
        Assert.AreEqual(0, signed, error.ToString());
        var verified = await Conformance.Protocol.RunAsync(["verify-bundle", "--bundle", output, "--certificate-identity", SigstoreServer.Subject, "--certificate-oidc-issuer", SigstoreServer.Issuer, .. trust, artifact], error);
        Assert.AreEqual(0, verified, error.ToString());
    }

    [TestMethod]
    public async Task A_key_may_have_its_signature_witnessed()
    {
        var server = Server();
        using var http = new HttpClient();
        using var key = SigningKey.Generate();
        foreach (var rekor in (int[])[1, 2])
        {
            var config = SigningConfig.Parse(await File.ReadAllBytesAsync(server.SigningConfigPath(rekor), TestContext.CancellationToken));
            var signer = new BundleSigner(SigningCredential.FromKey(key, "test"), SigningServices.From(config, DateTimeOffset.UtcNow), Root(server), http);
            var bundle = Bundle.Parse((await signer.SignStatementAsync(Statement, TestContext.CancellationToken)).ToJson());
            var result = new BundleVerifier(Root(server)).Verify(bundle, Artifact, VerificationPolicy.ForKey(key.PublicKey) with { LogThreshold = 1, TimeThreshold = 1 });
            Assert.IsTrue(result.Verified, result.Reason);
            using var other = SigningKey.Generate();
            Assert.IsFalse(new BundleVerifier(Root(server)).Verify(bundle, Artifact, VerificationPolicy.ForKey(other.PublicKey)).Verified);
        }
    }

    private static VerificationPolicy Policy => VerificationPolicy.ForIdentities(new CertificateIdentity { Subject = TextMatch.Exactly(SigstoreServer.Subject), Issuer = TextMatch.Exactly(SigstoreServer.Issuer) });

    private static VerificationResult Verify(SigstoreServer server, byte[] bundle, Artifact artifact) => new BundleVerifier(Root(server)).Verify(bundle, artifact, Policy);

    private static TrustedRoot Root(SigstoreServer server) => TrustedRoot.Parse(File.ReadAllBytes(server.TrustedRootPath));

    private static SigstoreServer Server()
    {
        if (_server is null)
        {
            Assert.Inconclusive("node, npm or the npm packages of sigstore-js are not to be had here.");
        }

        return _server;
    }
}
