using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Policies;

[TestClass]
public sealed class RegistryPolicyTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-policy-");

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Settings_of_registries_are_read_and_files_are_beside_the_policy()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "ca.pem"), "");
        var policy = Load("""
            registries:
              - host: registry.example.com:5000
                insecure: true
                certificate-authority: ca.pem
              - host: registry
                blocked: true
              - host: docker.io
                mirrors:
                  - location: mirror.example.com/hub/
                    digest-only: true
            """);
        var options = policy.SourceOptions().Registry;
        Assert.IsTrue(options.Hosts[0].Insecure);
        Assert.AreEqual(Path.Combine(_folder.FullName, "ca.pem"), options.Hosts[0].CertificateAuthority);
        Assert.IsTrue(options.Hosts[1].Blocked);
        Assert.AreEqual(new Images.RegistryMirror("mirror.example.com/hub", true), options.Hosts[2].Mirrors.Single());
    }

    [TestMethod]
    public void Limits_of_metadata_are_read_beside_those_of_layers()
    {
        var options = Load("limits:\n  manifest-bytes: 1000\n  archive-bytes: 5000000000\n  layers: 7\n");
        Assert.AreEqual(1000, options.SourceOptions().Limits.ManifestBytes);
        Assert.AreEqual(1000, options.RegistryOptions().Limits.ManifestBytes);
        Assert.AreEqual(5_000_000_000, options.MetadataLimits.ArchiveBytes);
        Assert.AreEqual(7, options.Limits.Layers);
    }

    [TestMethod]
    [DataRow("registries:\n  - insecure: true", 2, 5)]
    [DataRow("registries:\n  - host: https://registry.example.com", 2, 11)]
    [DataRow("registries:\n  - host: registry.example.com/path", 2, 11)]
    [DataRow("registries:\n  - host: a.example\n    insecure: yes", 3, 15)]
    [DataRow("registries:\n  - host: a.example\n    certificate-authority: gone.pem", 3, 28)]
    [DataRow("registries:\n  - host: a.example\n    mirrors:\n      - digest-only: true", 4, 9)]
    [DataRow("registries:\n  - host: a.example\n    mirror: x", 3, 5)]
    [DataRow("limits:\n  manifest-bytes: 0", 2, 19)]
    [DataRow("limits:\n  index-depth: 33", 2, 16)]
    public void What_is_wrong_is_named_with_its_place(string text, int line, int column)
    {
        var e = Assert.ThrowsExactly<GuardException>(() => Load(text));
        Assert.AreEqual("CBG9007", e.Code);
        Assert.AreEqual((line, column), (e.Line, e.Column), e.Message);
    }

    private Policy Load(string text)
    {
        var path = Path.Combine(_folder.FullName, "containerbuildguard.yaml");
        File.WriteAllText(path, text);
        return PolicyLoader.Load(path, RuleCatalog.Codes);
    }
}
