using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A publish signs with the build's own identity, by a Sigstore on loopback, and is verified by that identity and what the policy attests.</summary>
[TestClass]
public sealed class IdentityTests
{
    private static readonly string[] Trust = ["--certificate-identity", SigstoreServer.Subject, "--certificate-oidc-issuer", SigstoreServer.Issuer];

    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task A_build_with_an_identity_signs_attests_and_is_verified()
    {
        await using var sigstore = await SigstoreServer.StartAsync();
        Workbench.Require(sigstore is not null, "node, npm or the npm packages of sigstore-js");
        using var project = new GuardedProject().File("containerbuildguard.yaml", "version: 1\nattest: [slsa-provenance, cyclonedx, guard]\n");
        var environment = new Dictionary<string, string?> { ["SIGSTORE_ID_TOKEN"] = SigstoreServer.Token };
        string[] instance = [$"-p:ContainerRegistry={Workbench.Registry.Host}", $"-p:ContainerBuildGuardTrustedRoot={sigstore!.TrustedRootPath}", $"-p:ContainerBuildGuardSigningConfig={sigstore.SigningConfigPath(2)}"];
        var result = await project.PublishAsync(environment, [.. instance, "-p:ContainerBuildGuardSign=required"]);
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains($"Signed by {SigstoreServer.Subject}", result.Output);
        string[] verify = ["verify", $"{Workbench.Registry.Host}/{project.Repository}:latest", .. Trust, "--trusted-root", sigstore.TrustedRootPath];
        var verified = await ProcessRunner.RunAsync(Workbench.Products.Cbg, [.. verify, "--attestation", "slsa-provenance", "--attestation", "sbom", "--attestation", "guard"]);
        Assert.AreEqual(0, verified.ExitCode, verified.Output);
        Assert.AreEqual(1, (await ProcessRunner.RunAsync(Workbench.Products.Cbg, [.. verify, "--attestation", "spdx"])).ExitCode);
    }

    [TestMethod]
    public async Task An_identity_that_the_instance_does_not_take_leaves_the_image_unsigned_unless_a_signature_is_required()
    {
        using var project = new GuardedProject();
        var environment = new Dictionary<string, string?> { ["SIGSTORE_ID_TOKEN"] = SigstoreServer.Token };
        string[] instance = [$"-p:ContainerRegistry={Workbench.Registry.Host}", $"-p:ContainerBuildGuardTrustedRoot={Path.Combine(project.Folder, "nowhere.json")}"];
        var result = await project.PublishAsync(environment, instance);
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("Not signed (the build's identity cannot be used", result.Output);
        var required = await project.PublishAsync(environment, [.. instance, "-p:ContainerBuildGuardSign=required"]);
        Assert.AreEqual(1, required.ExitCode, required.Output);
        Assert.Contains("error CBG3007", required.Output);
    }
}
