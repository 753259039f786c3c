using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.HardenedConfiguration.Deployments;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Deploying;

[TestClass]
public sealed class DeploymentVerificationTests : IDisposable
{
    private static readonly Digest Signed = Digest.Sha256("signed"u8);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-deploy-");
    private readonly List<string> _asked = [];

    public required TestContext TestContext { get; init; }

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task Every_image_of_compose_and_Kubernetes_files_is_verified_once_by_name()
    {
        File("compose.yaml", "services:\n  a: { image: registry.test/a:1 }\n  b: { image: registry.test/a:1 }\n  c: { image: 'registry.test/c:1' }\n  own: { image: own, build: . }\n");
        File("pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: { name: p }\nspec:\n  initContainers: [{ name: i, image: registry.test/init:1 }]\n  containers: [{ name: c, image: registry.test/a:1 }]\n");
        var result = await VerifyAsync();
        CollectionAssert.AreEqual(new[] { "registry.test/a:1", "registry.test/c:1", "registry.test/init:1" }, _asked.Order(StringComparer.Ordinal).ToArray());
        Assert.HasCount(5, result.Images);
        Assert.IsTrue(result is { IsRefused: false, IsComplete: true, Documents: 2 });
    }

    [TestMethod]
    public async Task Pinning_keeps_comments_quotes_and_order_and_a_second_time_changes_nothing()
    {
        var compose = File("compose.yaml", """
            # our shop
            x-common: &common
              image: "registry.test/shop:1.2" # the bot raises it
            services:
              web:
                <<: *common
                ports: ["80:80"]
              db: {image: 'registry.test/db', restart: always}   # flow
              done:
                image: registry.test/done@sha256:0000000000000000000000000000000000000000000000000000000000000000

            """);
        var pod = File("pod.yaml", "apiVersion: v1\r\nkind: Pod\r\nmetadata: {name: p}\r\nspec:\r\n  containers:\r\n  - image: registry.test/a:1 # first\r\n    name: c\r\n");
        var result = await VerifyAsync(pin: true);
        Assert.HasCount(2, result.Pinned);
        Assert.IsEmpty(result.ByHand);
        Assert.AreEqual($$"""
            # our shop
            x-common: &common
              image: "registry.test/shop:1.2@{{Signed}}" # the bot raises it
            services:
              web:
                <<: *common
                ports: ["80:80"]
              db: {image: 'registry.test/db@{{Signed}}', restart: always}   # flow
              done:
                image: registry.test/done@sha256:0000000000000000000000000000000000000000000000000000000000000000

            """, System.IO.File.ReadAllText(compose));
        Assert.AreEqual($"apiVersion: v1\r\nkind: Pod\r\nmetadata: {{name: p}}\r\nspec:\r\n  containers:\r\n  - image: registry.test/a:1@{Signed} # first\r\n    name: c\r\n", System.IO.File.ReadAllText(pod));
        Assert.IsEmpty((await VerifyAsync(pin: true)).Pinned);
    }

    [TestMethod]
    public async Task What_does_not_verify_is_not_pinned_and_does_not_hide_the_others()
    {
        var compose = File("compose.yaml", "services:\n  good: { image: registry.test/good:1 }\n  bad: { image: registry.test/unsigned:1 }\n  gone: { image: registry.test/missing:1 }\n");
        var result = await VerifyAsync(pin: true);
        Assert.IsTrue(result is { IsRefused: true, IsComplete: false });
        Assert.AreEqual("CBG9004", result.Images.Single(i => i.Image.Name.Contains("missing", StringComparison.Ordinal)).Error!.Code);
        Assert.AreEqual($"services:\n  good: {{ image: registry.test/good:1@{Signed} }}\n  bad: {{ image: registry.test/unsigned:1 }}\n  gone: {{ image: registry.test/missing:1 }}\n", System.IO.File.ReadAllText(compose));
    }

    [TestMethod]
    public async Task A_name_from_variables_is_verified_where_they_have_values_and_pinned_by_hand()
    {
        File(".env", "TAG=7\n");
        var compose = File("compose.yaml", "services:\n  a: { image: 'registry.test/a:${TAG}' }\n  b: { image: 'registry.test/b:${NOWHERE}' }\n");
        var before = System.IO.File.ReadAllText(compose);
        var result = await VerifyAsync(pin: true);
        CollectionAssert.AreEqual(new[] { "registry.test/a:7" }, _asked);
        Assert.AreEqual("registry.test/a:7", result.ByHand.Single().Name);
        Assert.Contains("NOWHERE", result.Unread.Single());
        Assert.IsFalse(result.IsComplete);
        Assert.AreEqual(before, System.IO.File.ReadAllText(compose));
    }

    [TestMethod]
    [DataRow("services: [", "broken")]
    [DataRow("", "empty")]
    public async Task What_cannot_be_read_is_not_verified(string text, string what)
    {
        File("compose.yaml", text);
        var result = await VerifyAsync();
        Assert.IsFalse(result.IsComplete, what);
        Assert.IsNotEmpty(result.Unread);
    }

    private string File(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    private Task<DeploymentVerificationResult> VerifyAsync(bool pin = false) => DeploymentVerification.RunAsync(
        new DeploymentAuditRequest { Paths = [.. _folder.GetFiles("*.yaml").Select(f => f.FullName).Order(StringComparer.Ordinal)] }, Verify, pin, TestContext.CancellationToken);

    private Task<ImageVerification> Verify(string name, CancellationToken cancellationToken)
    {
        _asked.Add(name);
        return name.Contains("missing", StringComparison.Ordinal) ? throw new ImageException(ImageError.NotFound, "There is none.") : Task.FromResult(new ImageVerification
        {
            Reference = name,
            Digest = Signed,
            Manifests = [Signed],
            Signatures = [],
            Failures = name.Contains("unsigned", StringComparison.Ordinal) ? [new TrustFailure(Signed, ContentTrustRules.NotSigned, "it has no signature", [])] : [],
        });
    }
}
