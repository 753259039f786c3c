using System.Formats.Tar;
using System.Reflection;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>For every image rule of a table something that it finds and something near it that it does not; each is done to a clean image.</summary>
internal static class ImageRuleCases
{
    private const string Sdk = ".NET SDK Container Tooling, version 10";
    private const string Label = "org.opencontainers.image.";
    private const int Executable = 0b111_101_101;

    public static IReadOnlyList<(string Code, Action<ImageBuilder> Bad, Action<ImageBuilder> Good)> All { get; } =
    [
        ("CBG2016", i => i.User("1654:0"), i => i.User("1654:1654")),
        ("CBG2017", App("etc/passwd", "root:x:0:0::/:/bin/sh\ntoor:x:0:0::/:/bin/sh\n"), App("etc/passwd", "root:x:0:0::/:/bin/sh\napp:x:5:5::/:/bin/sh\n")),
        ("CBG2018", App("etc/shadow", "guest::1:0:99999:7:::\n", 0b110_000_000), App("etc/shadow", "guest:!:1:0:99999:7:::\nroot:*:1::::::\n", 0b110_000_000)),
        ("CBG2019", App("etc/shadow", "guest:$6$salt$" + "hash:1::::::\n", 0b110_000_000), App("etc/shadow", "guest:!$6:1::::::\n", 0b110_000_000)),
        ("CBG2020", App("etc/group", "a:x:7:\nb:x:7:\n"), App("etc/group", "a:x:7:\nb:x:8:\n")),
        ("CBG2021", App("usr/bin/sudo", "x", Executable), App("usr/share/doc/sudo", "x")),
        ("CBG2021", App("etc/sudoers", "app ALL=(ALL) NOPASSWD: ALL\n"), App("etc/sudoers", "# app ALL=(ALL) NOPASSWD: ALL\napp ALL=(ALL) ALL\n")),
        ("CBG2022", App("usr/bin/gcc", "x", Executable), App("app/gcc", "x")),
        ("CBG2022", App("usr/share/dotnet/sdk/10.0.100/dotnet.dll", "x"), App("usr/share/dotnet/shared/x.dll", "x")),
        ("CBG2023", App("sbin/apk", "x", Executable), App("lib/apk/db/installed", "")),
        ("CBG2024", App("bin/sh", "x", Executable), App("usr/bin/env", "x", Executable)),
        ("CBG2025", App("usr/bin/curl", "x", Executable), App("usr/lib/libcurl.so", "x")),
        ("CBG2026", App("usr/bin/strace", "x", Executable), App("app/dotnet-dump.dll", "x")),
        ("CBG2027", App("usr/sbin/cron", "x", Executable), App("etc/cron.d/x", "x")),
        ("CBG2028", App("usr/bin/ssh", "x", Executable), App("etc/ssh/ssh_config", "x")),
        ("CBG2029", i => i.Ports("2375/tcp"), i => i.Ports("8081/tcp")),
        ("CBG2030", i => i.Set("ExposedPorts", new JsonObject()).Env("ASPNETCORE_HTTP_PORTS=8080"), i => i.Env("ASPNETCORE_HTTP_PORTS=8080")),
        ("CBG2031", i => i.Env("DOTNET_STARTUP_HOOKS=/app/hook.dll"), i => i.Env("DOTNET_STARTUP_HOOKS=")),
        ("CBG2032", i => i.Env("NODE_TLS_REJECT_UNAUTHORIZED=0"), i => i.Env("NODE_TLS_REJECT_UNAUTHORIZED=1")),
        ("CBG2033", i => i.Env("DOTNET_DiagnosticPorts=/tmp/x"), i => i.Env("DOTNET_EnableDiagnostics=0")),
        ("CBG2034", i => i.Env("PATH=/usr/bin:/data").Layer(l => l.Directory("data", 0b111_111_111), Sdk), i => i.Env("PATH=/usr/bin:/data").Layer(l => l.Directory("data"), Sdk)),
        ("CBG2034", i => i.Env("PATH=.:/usr/bin"), i => i.Env("PATH=/usr/bin")),
        ("CBG2035", i => i.Env("ASPNETCORE_DETAILEDERRORS=true"), i => i.Env("ASPNETCORE_DETAILEDERRORS=false")),
        ("CBG2036", App("app/app.runtimeconfig.json", Runtime("true")), App("app/app.runtimeconfig.json", Runtime("false"))),
        ("CBG2037", i => i.Env("COMPlus_gcServer=1"), i => i.Env("DOTNET_gcServer=1")),
        ("CBG2038", i => i.Env("ASPNETCORE_URLS=http://+:8080"), i => i.Env("ASPNETCORE_URLS=http://localhost:8080")),
        ("CBG2039", i => i.Env("ASPNETCORE_FORWARDEDHEADERS_ENABLED=true"), i => i.Env("ASPNETCORE_FORWARDEDHEADERS_ENABLED=false")),
        ("CBG2040", i => i.Env("ASPNETCORE_URLS=http"), i => i.Env("ASPNETCORE_URLS=http://localhost:8080")),
        ("CBG2040", i => i.Label(Label + "created", "2026-11-23T20"), i => i.Label(Label + "created", "2026-11-23T20:00:00Z")),
        ("CBG2041", i => i.Env("TZ=Europe/Berlin"), i => i.Env("TZ=Europe/Berlin").Layer(l => l.File("usr/share/zoneinfo/Europe/Berlin", "x"), Sdk)),
        ("CBG2042", i => i.Label(Label + "source", "my repo"), i => i.Label(Label + "source", "https://example.com/repo")),
        ("CBG2042", i => i.Label(Label + "base.digest", "latest"), i => i.Label(Label + "version", "1.2.3-beta")),
        ("CBG2043", i => i.Set("Labels", new JsonObject()), i => i.Label("x", "y")),
        ("CBG2044", i => i.Set("Labels", new JsonObject { [Label + "base.name"] = "example.com/base:1" }), i => i.Label("x", "y")),
        ("CBG2045", i => i.Label(Label + "base.name", "mcr.microsoft.com/dotnet/sdk:10.0"), i => i.Label(Label + "base.name", "mcr.microsoft.com/dotnet/aspnet:10.0")),
        ("CBG2046", i => i.Label(Label + "base.name", "mcr.microsoft.com/dotnet/aspnet:10.0"), i => i.Label(Label + "base.name", "mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled")),
        ("CBG2047", i => i.Set("WorkingDir", "/tmp"), i => i.Set("WorkingDir", "/srv/app")),
        ("CBG2048", i => i.Set("Volumes", new JsonObject { ["/etc"] = new JsonObject() }), i => i.Set("Volumes", new JsonObject { ["/var/lib/app"] = new JsonObject() })),
        ("CBG2049", i => i.Set("StopSignal", "SIGKILL"), i => i.Set("StopSignal", "SIGINT")),
        ("CBG2050", i => i.Format = ContainerBuildGuard.Images.MediaTypes.DockerManifest, i => i.Format = ContainerBuildGuard.Images.MediaTypes.OciManifest),
        ("CBG2051", i => i.Entrypoint("dotnet", "/app/other.dll"), i => i.Entrypoint("dotnet", "app.dll")),
        ("CBG2051", i => i.Entrypoint("/app/tool").Layer(l => l.File("app/tool", "x"), Sdk), i => i.Entrypoint("/app/tool").Layer(l => l.File("app/tool", "x", Executable), Sdk)),
        ("CBG2052", i => i.Layer(l => l.File("app/data.json", "x", user: 1654), Sdk), i => i.Layer(l => l.File("app/data.json", "x", 0b100_100_100, user: 1654), Sdk)),
        ("CBG2053", App("root/.ssh/id_ed25519", "x"), App("root/.ssh/id_ed25519", "x", 0b110_000_000)),
        ("CBG2053", i => i.Layer(l => l.Directory("home/app/.ssh"), Sdk), i => i.Layer(l => l.Directory("home/app/.ssh", 0b111_000_000), Sdk)),
        ("CBG2054", i => i.Layer(l => l.SymbolicLink("app/link", "../../outside"), Sdk), i => i.Layer(l => l.SymbolicLink("app/link", "app.dll"), Sdk)),
        ("CBG2055", _ => { }, i => i.Layer(l => l.Whiteout("usr/bin/su"), Sdk)),
        ("CBG2056", App("app/app.pdb", "x"), App("app/app.json", "{}")),
        ("CBG2057", App("app/app.xml", "x"), App("app/settings.xml", "x")),
        ("CBG2058", Assembly(debug: true), Assembly(debug: false)),
        ("CBG2059", App("app/xunit.core.dll", "x"), App("app/xunit.txt", "x")),
        ("CBG2060", App("app/web.config", "<machineKey validationKey=\"" + new string('A', 64) + "\" />"), App("app/web.config", "<machineKey validationKey=\"AutoGenerate\" />")),
        ("CBG2060", App("app/DataProtection-Keys/key-1.xml", "x"), App("app/keys/key-1.xml", "x")),
        ("CBG2061", i => i.Created("2026-11-23T20:00:00Z").Layer(l => l.Raw(new PaxTarEntry(TarEntryType.RegularFile, "app/late") { ModificationTime = DateTimeOffset.UnixEpoch.AddYears(50) }), Sdk), i => i.Created("2026-11-23T20:00:00Z")),
        ("CBG2062", i => i.Layer(l => l.File("app/big", new byte[21 << 20]), Sdk).Layer(l => l.Whiteout("app/big"), Sdk), i => i.Layer(l => l.File("app/small", "x"), Sdk).Layer(l => l.Whiteout("app/small"), Sdk)),
        ("CBG2070", i => i.Layer(l => l.File("app/big", new byte[21 << 20]).File("app/copy", new byte[21 << 20]), Sdk), i => i.Layer(l => l.File("app/big", new byte[21 << 20]).HardLink("app/copy", "app/big"), Sdk)),
        ("CBG2064", i => i.Label("git", "https://bot:" + "abc123@example.com/repo"), i => i.Label("git", "https://example.com/repo")),
        ("CBG2064", i => i.Cmd("--password=" + "abc123"), i => i.Cmd("--password=${PASSWORD}")),
        ("CBG2065", i => i.Layers.Insert(0, LayerOf(l => l.Raw(new PaxTarEntry(TarEntryType.RegularFile, "usr/bin/ping", new Dictionary<string, string> { ["SCHILY.xattr.security.capability"] = "x" })))), i => i.Layers.Insert(0, LayerOf(l => l.File("usr/bin/ping", "x")))),
        ("CBG2066", i => i.Layers.Insert(0, LayerOf(l => l.Directory("data", 0b111_111_111))), i => i.Layers.Insert(0, LayerOf(l => l.Directory("tmp", 0b001_111_111_111)))),
        ("CBG2067", i => i.Layer(l => l.Raw(new PaxTarEntry(TarEntryType.Fifo, "app/pipe")), Sdk), App("app/pipe", "x")),
        ("CBG2068", App("app/runtimes/win-x64/native/x.dll", "x"), App("app/runtimes/linux-x64/native/x.so", "x")),
        ("CBG2069", App("app/appsettings.json.bak", "{}"), App("app/backup.json", "{}")),
    ];

    private static Action<ImageBuilder> App(string path, string content, int mode = 0b110_100_100) => i => i.Layer(l => l.File(path, content, mode), Sdk);

    private static string Runtime(string value) => """{"runtimeOptions":{"configProperties":{"System.Runtime.Serialization.EnableUnsafeBinaryFormatterSerialization":VALUE}}}""".Replace("VALUE", value, StringComparison.Ordinal);

    private static (LayerBuilder, JsonObject) LayerOf(Action<LayerBuilder> build)
    {
        var layer = new LayerBuilder();
        build(layer);
        return (layer, new JsonObject { ["created_by"] = "" });
    }

    /// <summary>An assembly of nothing but its attributes.</summary>
    private static Action<ImageBuilder> Assembly(bool debug) => i =>
    {
        var assembly = new System.Reflection.Emit.PersistedAssemblyBuilder(new AssemblyName("app"), typeof(object).Assembly,
            [new System.Reflection.Emit.CustomAttributeBuilder(typeof(System.Diagnostics.DebuggableAttribute).GetConstructor([typeof(System.Diagnostics.DebuggableAttribute.DebuggingModes)])!, [debug ? System.Diagnostics.DebuggableAttribute.DebuggingModes.DisableOptimizations | System.Diagnostics.DebuggableAttribute.DebuggingModes.Default : System.Diagnostics.DebuggableAttribute.DebuggingModes.IgnoreSymbolStoreSequencePoints])]);
        assembly.DefineDynamicModule("app");
        using var stream = new MemoryStream();
        assembly.Save(stream);
        i.Layer(l => l.File("app/app.dll", stream.ToArray()), Sdk);
    };
}
