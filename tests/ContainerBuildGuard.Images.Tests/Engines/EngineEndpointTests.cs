using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Images.Engines;

[TestClass]
public sealed class EngineEndpointTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cbg-home-");
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => _home.Delete(recursive: true);

    [TestMethod]
    public void Dockers_own_order_is_kept()
    {
        WriteContext("far", """{"Name":"far","Endpoints":{"docker":{"Host":"ssh://builder@far","SkipTLSVerify":false} } }""", tls: false);
        WriteContext("near", """{"Name":"near","Endpoints":{"docker":{"Host":"tcp://near:2376"} } }""", tls: true);
        Assert.AreEqual(OperatingSystem.IsWindows() ? "npipe" : "unix", Docker().Address.Scheme);
        Write("config.json", """{"currentContext":"far"}""");
        Assert.AreEqual("ssh", Docker().Address.Scheme);
        _environment["DOCKER_CONTEXT"] = "near";
        Assert.AreEqual("near", Docker().Address.Host);
        Assert.IsNotNull(Docker().CertificateFolder);
        _environment["DOCKER_HOST"] = "tcp://named:1234";
        Assert.AreEqual(1234, Docker().Address.Port);
        Assert.IsNull(Docker().CertificateFolder);
        _environment["DOCKER_TLS_VERIFY"] = "1";
        _environment["DOCKER_CERT_PATH"] = "/certificates";
        Assert.AreEqual("/certificates", Docker().CertificateFolder);
    }

    [TestMethod]
    public void The_default_context_is_the_socket()
    {
        Write("config.json", """{"currentContext":"default"}""");
        Assert.IsTrue(Docker().Address.Scheme is "unix" or "npipe");
    }

    [TestMethod]
    public void A_context_that_is_not_there_or_damaged_is_an_error()
    {
        _environment["DOCKER_CONTEXT"] = "gone";
        Assert.AreEqual(ImageError.NotFound, Assert.ThrowsExactly<ImageException>(Docker).Error);
        WriteContext("gone", """{"Endpoints":{}}""", tls: false);
        Assert.AreEqual(ImageError.Malformed, Assert.ThrowsExactly<ImageException>(Docker).Error);
        WriteContext("gone", "{", tls: false);
        Assert.AreEqual(ImageError.Malformed, Assert.ThrowsExactly<ImageException>(Docker).Error);
        _environment["DOCKER_HOST"] = "no address";
        Assert.AreEqual(ImageError.InvalidReference, Assert.ThrowsExactly<ImageException>(Docker).Error);
    }

    [TestMethod]
    public void Podman_s_address_is_named_or_a_socket_that_is_there()
    {
        _environment["CONTAINER_HOST"] = "tcp://127.0.0.1:9999";
        Assert.AreEqual(9999, EngineEndpoint.OfPodman(Environment)!.Address.Port);
    }

    private EngineEndpoint Docker() => EngineEndpoint.OfDocker(Environment);

    private string? Environment(string name) => name == "HOME" ? _home.FullName : _environment.GetValueOrDefault(name);

    private void WriteContext(string name, string json, bool tls)
    {
        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        Write($"contexts/meta/{id}/meta.json", json);
        if (tls)
        {
            Write($"contexts/tls/{id}/docker/ca.pem", "");
        }
    }

    private void Write(string path, string content)
    {
        var full = Path.Combine(_home.FullName, ".docker", path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }
}
