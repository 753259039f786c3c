using System.Text;
using static ContainerBuildGuard.Core.Tests.HostSecurity.Cases.HostCase;

namespace ContainerBuildGuard.Core.Tests.HostSecurity.Cases;

/// <summary>.NET, NuGet, secrets and the build agent.</summary>
internal static class BuildCases
{
    private const string Home = FakeHost.Home;
    private static readonly string Secret = "bWU6" + "c2VjcmV0";

    public static IEnumerable<HostCase> All =>
    [
        new("CBG5009", Host().File($"{Home}/.docker/config.json", $$"""{ "auths": { "registry.corp": { "auth": "{{Secret}}" } } }"""), Host().File($"{Home}/.docker/config.json", """{ "auths": { "registry.corp": {} }, "credsStore": "pass" }""")),
        new("CBG5010", Sdk("7.0.100"), Sdk("10.0.401")),
        new("CBG5300", Sdk("11.0.100-preview.1"), Sdk("10.0.401")),
        new("CBG5301", Sdk("10.0.401").File("/agent/app/global.json", """{ "sdk": { "version": "10.0.400", "rollForward": "latestMajor" } }"""), Sdk("10.0.401").File("/agent/global.json", """{ "sdk": { "version": "10.0.400", "rollForward": "latestPatch" } }""")),
        NuGet("CBG5302", Sources("<add key='corp' value='https://feed.corp' />") + "<packageSourceCredentials><corp><add key='ClearTextPassword' value='x' /></corp></packageSourceCredentials>", Sources("<add key='corp' value='https://feed.corp' />") + "<packageSourceCredentials><corp><add key='ClearTextPassword' value='%FEED%' /></corp></packageSourceCredentials>"),
        NuGet("CBG5303", Sources("<add key='corp' value='http://feed.corp' />"), Sources("<add key='corp' value='https://feed.corp' /><add key='here' value='http://127.0.0.1:5555' />")),
        NuGet("CBG5304", Sources("<add key='a' value='https://a' /><add key='b' value='https://b' />"), Sources("<add key='a' value='https://a' /><add key='b' value='https://b' />") + "<packageSourceMapping><packageSource key='a'><package pattern='*' /></packageSource></packageSourceMapping>"),
        NuGet("CBG5305", "<config />", "<config><add key='signatureValidationMode' value='require' /></config>"),
        NuGet("CBG5306", Sources("<add key='corp' value='https://feed.corp' />"), Sources("<add key='corp' value='https://feed.corp' />") + "<auditSources><add key='nuget.org' value='https://api.nuget.org/v3/index.json' /></auditSources>"),
        new("CBG5307", Config(Sources("<add key='local' value='/srv/packages' />")).Folder("/srv/packages", 0x1FF), Config(Sources("<add key='local' value='/srv/packages' />")).Folder("/srv/packages")),
        Mode("CBG5308", "/agent/app/nuget.config", 0x1A4),
        new("CBG5309", Host().Folder($"{Home}/.nuget/packages", 0x1FF), Host().Folder($"{Home}/.nuget/packages")),
        new("CBG5310", Tool("http://elsewhere"), Tool("https://api.nuget.org/v3/index.json")),
        new("CBG5311", Sdk("10.0.401").Folder("/usr/share/dotnet/sdk", 0x1FF), Sdk("10.0.401")),
        Mode("CBG5312", $"{Home}/.dotnet/tools/ef", 0x1ED),
        Mode("CBG5313", $"{Home}/.aspnet/https/app.pfx", 0x180, 0x20),
        Mode("CBG5314", $"{Home}/.microsoft/usersecrets/abc/secrets.json", 0x180, 0x4),
        new("CBG5315", Helper(), Helper().File("/usr/bin/docker-credential-pass")),
        new("CBG5316", Host().Variable("NUGET_API_KEY", "x"), Host().Variable("PATH", "/usr/bin")),
        new("CBG5317", Host().File($"{Home}/.gitconfig", "[credential]\n\thelper = store\n"), Host().File($"{Home}/.gitconfig", "[credential]\n\thelper = cache\n")),
        Mode("CBG5318", $"{Home}/.aspnet/DataProtection-Keys/key.xml", 0x180, 0x4),
        new("CBG5319", Host().File($"{Home}/.gitconfig", "[http]\n\tsslVerify = false\n"), Host().File($"{Home}/.gitconfig", "[http]\n\tproxy = x\n")),
        Key("CBG5320", OpenSsh("none"), OpenSsh("aes256-ctr")),
        new("CBG5321", Host().File($"{Home}/.ssh/id_ed25519", OpenSsh("none"), 0x1A4), Host().File($"{Home}/.ssh/id_ed25519", OpenSsh("none"), 0x180)),
        new("CBG5322", Host().User(1000).Folder("/agent/app", uid: 1001), Host().User(1000).Folder("/agent/app", uid: 1000)),
        new("CBG5323", Host().File("/agent/app/cosign.key", Pem("ENCRYPTED SIGSTORE ")), Host()),
        new("CBG5324", Host().User(0), Host().User(1000)),
        new("CBG5325", Inside().File("/proc/self/status", "Uid:\t1000\nCapBnd:\t000001ffffffffff\n"), Inside().User(1000)),
        new("CBG5326", Inside().Socket("/var/run/docker.sock", 0x1B0, 0, 0).File("/proc/self/mountinfo", "22 1 8:1 /run/docker.sock /run/docker.sock rw - tmpfs tmpfs rw\n"), Inside()),
        new("CBG5327", Host().Variable("SSH_AUTH_SOCK", "/tmp/agent").Variable("CI", "true"), Host().Variable("SSH_AUTH_SOCK", "/run/user/1000/agent")),
        new("CBG5328", Inside().File("/proc/2/comm", "kthreadd\n"), Inside()),
        new("CBG5329", Host().File($"{Home}/.gitconfig", "[safe]\n\tdirectory = *\n"), Host().File($"{Home}/.gitconfig", "[safe]\n\tdirectory = /agent/app\n")),
        new("CBG5330", Host().File($"{Home}/.npmrc", "//registry/:_authToken=x\n", 0x180), Host().File($"{Home}/.npmrc", "registry=https://registry\n")),
        new("CBG5331", Host().File($"{Home}/.npmrc", "//registry/:_authToken=x\n"), Host().File($"{Home}/.npmrc", "//registry/:_authToken=x\n", 0x180)),
        new("CBG5332", Host().Variable("GITHUB_ACTIONS", "true"), Host().Variable("GITHUB_ACTIONS", "true").Variable("RUNNER_ENVIRONMENT", "github-hosted")),
        new("CBG5333", Host().Variable("NODE_TLS_REJECT_UNAUTHORIZED", "0"), Host()),
        new("CBG5334", Host().Variable("DOTNET_STARTUP_HOOKS", "/tmp/x.dll"), Host()),
        new("CBG5335", Host().User(1000).Folder("/agent", 0x3FF).Folder("/agent/app", uid: 1000), Host().User(1000).Folder("/agent").Folder("/agent/app", uid: 1000)),
        new("CBG5336", Host().Variable("SYSTEM_DEBUG", "true"), Host()),
    ];

    public static string OpenSsh(string cipher)
    {
        byte[] body = [.. "openssh-key-v1\0"u8, 0, 0, 0, (byte)cipher.Length, .. Encoding.ASCII.GetBytes(cipher), 0, 0, 0, 4];
        return Pem("OPENSSH ", Convert.ToBase64String(body));
    }

    private static string Pem(string kind, string body = "eA==") => $"-----BEGIN {kind}{"PRIVATE"} KEY-----\n{body}\n-----END {kind}{"PRIVATE"} KEY-----\n";

    private static HostCase Key(string code, string bad, string good) => new(code, Host().File($"{Home}/.ssh/id_ed25519", bad, 0x180), Host().File($"{Home}/.ssh/id_ed25519", good, 0x180));

    private static FakeHost Sdk(string version) => Host().File($"/usr/share/dotnet/sdk/{version}/dotnet.dll");

    private static string Sources(string adds) => $"<packageSources><clear />{adds}</packageSources>";

    private static FakeHost Config(string body) => Host().File("/agent/app/nuget.config", $"<configuration>{body}</configuration>");

    private static HostCase NuGet(string code, string bad, string good) => new(code, Config(bad), Config(good));

    private static FakeHost Tool(string source) => Host().File($"{Home}/.dotnet/tools/.store/ef/1.0.0/ef/1.0.0/.nupkg.metadata", $$"""{ "version": 2, "source": "{{source}}" }""");

    private static FakeHost Helper() => Host().Variable("PATH", "/usr/bin").File($"{Home}/.docker/config.json", """{ "credsStore": "pass" }""");

    private static FakeHost Inside() => Host().File("/.dockerenv");
}
