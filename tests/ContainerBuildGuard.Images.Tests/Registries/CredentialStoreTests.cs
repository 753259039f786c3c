using System.Text;

namespace ContainerBuildGuard.Images.Registries;

[TestClass]
public sealed class CredentialStoreTests : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cbg-home-");
    private readonly Dictionary<string, string> _environment = [];

    public TestContext TestContext { get; set; } = null!;

    public void Dispose() => _home.Delete(recursive: true);

    [TestMethod]
    [DataRow("DOTNET_CONTAINER_PUSH_REGISTRY", true, true)]
    [DataRow("DOTNET_CONTAINER_PUSH_REGISTRY", false, false)]
    [DataRow("DOTNET_CONTAINER_PULL_REGISTRY", true, false)]
    [DataRow("DOTNET_CONTAINER_PULL_REGISTRY", false, true)]
    [DataRow("DOTNET_CONTAINER_REGISTRY", true, true)]
    [DataRow("SDK_CONTAINER_REGISTRY", false, true)]
    public async Task The_SDKs_variables_come_first(string prefix, bool push, bool found)
    {
        _environment[$"{prefix}_UNAME"] = "user";
        _environment[$"{prefix}_PWORD"] = "word";
        Assert.AreEqual(found, (await Store().FindAsync("registry.example", push, TestContext.CancellationToken)) is { UserName: "user", Password: "word" });
    }

    [TestMethod]
    public async Task The_SDKs_variables_are_not_for_a_mirror()
    {
        _environment["DOTNET_CONTAINER_REGISTRY_UNAME"] = "user";
        _environment["DOTNET_CONTAINER_REGISTRY_PWORD"] = "word";
        Assert.IsNull((await Store().LookupAsync("mirror.example", "app", push: false, named: false, TestContext.CancellationToken)).Credential);
    }

    [TestMethod]
    [DataRow("registry.example:5000", "registry.example:5000")]
    [DataRow("https://registry.example:5000", "registry.example:5000")]
    [DataRow("https://registry.example:5000/v2/", "registry.example:5000")]
    [DataRow("https://index.docker.io/v1/", "docker.io")]
    [DataRow("docker.io", "docker.io")]
    public async Task Keys_of_every_writing_are_found(string key, string registry)
    {
        Write(".docker/config.json", $$"""{"auths":{"{{key}}":{"auth":"{{Auth("user", "word:with:colons")}}"} } }""");
        Assert.AreEqual("word:with:colons", (await Store().FindAsync(registry, false, TestContext.CancellationToken))?.Password);
        Assert.IsNull(await Store().FindAsync("another.example", false, TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task Podmans_particular_entry_wins()
    {
        Write("run/containers/auth.json", $$"""{"auths":{"registry.example":{"auth":"{{Auth("all", "x")}}"},"registry.example/team":{"auth":"{{Auth("team", "x")}}"} } }""");
        _environment["XDG_RUNTIME_DIR"] = Path.Combine(_home.FullName, "run");
        Assert.AreEqual("team", (await Store().LookupAsync("registry.example", "team/app", false, true, TestContext.CancellationToken)).Credential?.UserName);
        Assert.AreEqual("all", (await Store().LookupAsync("registry.example", "other/app", false, true, TestContext.CancellationToken)).Credential?.UserName);
    }

    [TestMethod]
    public async Task Files_are_asked_in_order()
    {
        Write(".docker/config.json", $$"""{"auths":{"registry.example":{"auth":"{{Auth("docker", "x")}}"} } }""");
        Write("other.json", $$"""{"auths":{"registry.example":{"auth":"{{Auth("named", "x")}}"} } }""");
        Write("docker2/config.json", $$"""{"auths":{"registry.example":{"auth":"{{Auth("moved", "x")}}"} } }""");
        Assert.AreEqual("docker", (await Store().FindAsync("registry.example", false, TestContext.CancellationToken))?.UserName);
        _environment["DOCKER_CONFIG"] = Path.Combine(_home.FullName, "docker2");
        Assert.AreEqual("moved", (await Store().FindAsync("registry.example", false, TestContext.CancellationToken))?.UserName);
        _environment["REGISTRY_AUTH_FILE"] = Path.Combine(_home.FullName, "other.json");
        Assert.AreEqual("named", (await Store().FindAsync("registry.example", false, TestContext.CancellationToken))?.UserName);
    }

    [TestMethod]
    public async Task A_registry_token_is_a_Bearer_token()
    {
        Write(".docker/config.json", """{"auths":{"registry.example":{"registrytoken":"t"}}}""");
        Assert.IsTrue((await Store().FindAsync("registry.example", false, TestContext.CancellationToken))!.IsRegistryToken);
    }

    [TestMethod]
    [DataRow("credsStore")]
    [DataRow("credHelpers")]
    public async Task A_helper_is_asked(string how)
    {
        Helper("""read server; [ "$1" = get ] && printf '{"ServerURL":"%s","Username":"<token>","Secret":"for-%s"}' "$server" "$server" """);
        Write(".docker/config.json", how == "credsStore" ? """{"credsStore":"test"}""" : """{"credHelpers":{"registry.example":"test"}}""");
        var found = await Store().FindAsync("registry.example", false, TestContext.CancellationToken);
        Assert.AreEqual("for-registry.example", found?.Password);
        Assert.IsTrue(found!.IsIdentityToken);
        Assert.AreEqual(how == "credsStore", await Store().FindAsync("another.example", false, TestContext.CancellationToken) is not null);
    }

    [TestMethod]
    [DataRow("echo credentials not found in native keychain; exit 1", null)]
    [DataRow("echo a-secret-in-an-error; exit 3", "ended with 3")]
    [DataRow("echo nonsense", "something other than JSON")]
    [DataRow("echo '{}'", null)]
    public async Task A_helper_that_fails_is_remembered_for_the_error(string script, string? problem)
    {
        Helper($"cat >/dev/null; {script}");
        Write(".docker/config.json", """{"credsStore":"test"}""");
        var lookup = await Store().LookupAsync("registry.example", "app", false, true, TestContext.CancellationToken);
        Assert.IsNull(lookup.Credential);
        Assert.AreEqual(problem is null, lookup.Problem is null, lookup.Problem);
        Assert.Contains(problem ?? "", lookup.Problem ?? "");
        Assert.DoesNotContain("a-secret", lookup.Problem ?? "");
    }

    [TestMethod]
    [DataRow("""{"credsStore":"not-installed"}""", "is not installed")]
    [DataRow("""{"credsStore":"../../bin/sh"}""", "not a plain name")]
    public async Task A_helper_that_cannot_run_is_remembered_for_the_error(string json, string problem)
    {
        Write(".docker/config.json", json);
        Assert.Contains(problem, (await Store().LookupAsync("registry.example", "app", false, true, TestContext.CancellationToken)).Problem!);
    }

    [TestMethod]
    [DataRow("{")]
    [DataRow("[]")]
    [DataRow("""{"auths":[]}""")]
    [DataRow("""{"auths":{"registry.example":{"auth":"§§"}}}""")]
    [DataRow("""{"credsStore":5}""")]
    public async Task A_damaged_file_is_an_error_that_shows_nothing_of_it(string json)
    {
        Write(".docker/config.json", json);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => Store().FindAsync("registry.example", false, TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unauthorized, error.Error);
        Assert.Contains("config.json", error.Message);
        Assert.DoesNotContain("§§", error.ToString());
    }

    [TestMethod]
    public void A_credential_prints_as_nothing() => Assert.AreEqual("(credential)", $"{new RegistryCredential("user", "word")}");

    private CredentialStore Store() => new(n => n == "HOME" ? _home.FullName : _environment.GetValueOrDefault(n));

    private static string Auth(string user, string password) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private void Write(string path, string content)
    {
        var full = Path.Combine(_home.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, content);
    }

    private void Helper(string script)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("The helper of this test is a shell script.");
            return;
        }

        Write("bin/docker-credential-test", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(Path.Combine(_home.FullName, "bin", "docker-credential-test"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
        _environment["PATH"] = Path.Combine(_home.FullName, "bin");
    }
}
