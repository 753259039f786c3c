using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>A conformance case, for the suite itself and for tests that take a good bundle and damage it.</summary>
internal sealed class Case(string name)
{
    public const string DefaultIdentity = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
    public const string DefaultIssuer = "https://token.actions.githubusercontent.com";

    public static string Folder { get; } = Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Sigstore.Tests", "Conformance", "cases");

    public string Name => name;

    public string BundlePath => At("bundle.sigstore.json");

    public string ArtifactPath => Find("artifact") ?? Path.Combine(Folder, "a.txt");

    public string? TrustedRootPath => Find("trusted_root.json");

    public string? KeyPath => Find("key.pub");

    public string Identity => Find("identity") is { } path ? File.ReadAllText(path).Trim() : DefaultIdentity;

    public string Issuer => Find("issuer") is { } path ? File.ReadAllText(path).Trim() : DefaultIssuer;

    public TrustedRoot TrustedRoot => TrustedRootPath is { } path ? TrustedRoot.Parse(File.ReadAllBytes(path)) : EmbeddedTrust.PublicGood;

    public VerificationPolicy Policy => VerificationPolicy.ForIdentities(new CertificateIdentity { Subject = TextMatch.Exactly(Identity), Issuer = TextMatch.Exactly(Issuer) });

    public Artifact Artifact => Artifact.OfContent(File.ReadAllBytes(ArtifactPath));

    public byte[] Bundle() => File.ReadAllBytes(BundlePath);

    public JsonNode BundleNode() => JsonNode.Parse(Bundle())!;

    public VerificationResult Verify(JsonNode bundle) => Verify(Encoding.UTF8.GetBytes(bundle.ToJsonString()));

    public VerificationResult Verify(byte[] bundle) => new BundleVerifier(TrustedRoot).Verify(bundle, Artifact, Policy);

    private string? Find(string file) => File.Exists(At(file)) ? At(file) : null;

    private string At(string file) => Path.Combine(Folder, name, file);
}
