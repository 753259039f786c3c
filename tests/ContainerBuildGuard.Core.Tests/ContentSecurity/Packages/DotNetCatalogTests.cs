using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What .NET is in an image: by made-up layouts, and by apps that the real SDK published.</summary>
[TestClass]
public sealed class DotNetCatalogTests
{
    private const string Runtime = """
        { "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0/linux-x64" },
          "targets": { ".NETCoreApp,Version=v10.0": {}, ".NETCoreApp,Version=v10.0/linux-x64": { "Microsoft.NETCore.App.Runtime.linux-x64/10.0.3": { "runtime": {
            "System.Text.Json.dll": { "assemblyVersion": "10.0.0.0", "fileVersion": "10.0.326.1" } } } } },
          "libraries": { "Microsoft.NETCore.App.Runtime.linux-x64/10.0.3": { "type": "package", "serviceable": true, "sha512": "" } } }
        """;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Packages_that_run_are_told_from_those_that_are_only_named()
    {
        var packages = await ReadAsync(l => l
            .File("usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.3/Microsoft.NETCore.App.deps.json", Runtime)
            .File("app/System.Text.Json.dll", "old").File("app/There.dll", "code").File("app/runtimes/linux-x64/native/libx.so", "code").File("app/de/Words.resources.dll", "code")
            .File("app/App.deps.json", """
                { "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0" }, // comments are allowed
                  "targets": { ".NETCoreApp,Version=v10.0": {
                    "App/1.0.0": { "dependencies": { "There": "1.0.0", "Compile.Only": "1.0.0" }, "runtime": { "App.dll": {} } },
                    "There/1.0.0": { "dependencies": { "Missing": "2.0.0" }, "runtime": { "lib/net10.0/There.dll": { "assemblyVersion": "1.0.0.0" } } },
                    "Missing/2.0.0": { "runtime": { "lib/net10.0/Missing.dll": {} } },
                    "Compile.Only/1.0.0": { "compile": { "ref/x.dll": {} } },
                    "System.Text.Json/8.0.0": { "runtime": { "lib/net8.0/System.Text.Json.dll": { "assemblyVersion": "8.0.0.0", "fileVersion": "8.0.23.1" } } },
                    "Native/1.0.0": { "runtimeTargets": { "runtimes/linux-x64/native/libx.so": { "rid": "linux-x64", "assetType": "native" } } },
                    "Words/1.0.0": { "resources": { "lib/net8.0/de/Words.resources.dll": { "locale": "de" } } } } },
                  "libraries": {
                    "App/1.0.0": { "type": "project", "sha512": "" }, "There/1.0.0": { "type": "package", "sha512": "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==" },
                    "Missing/2.0.0": { "type": "package" }, "Compile.Only/1.0.0": { "type": "package" }, "System.Text.Json/8.0.0": { "type": "package" },
                    "Native/1.0.0": { "type": "package" }, "Words/1.0.0": { "type": "package" }, "Ref/1.0.0": { "type": "referenceassembly" } } }
                """));
        Presence Of(string name) => packages.Single(p => p.Name == name).Presence;
        Assert.AreEqual("10.0.3", packages.Single(p => p.Name == "Microsoft.NETCore.App.Runtime.linux-x64").Version);
        Assert.AreEqual(Presence.Present, Of("There"));
        Assert.AreEqual(Presence.Absent, Of("Missing"));
        Assert.AreEqual(Presence.Absent, Of("Compile.Only"));
        Assert.AreEqual(Presence.Superseded, Of("System.Text.Json"));
        Assert.AreEqual(Presence.Present, Of("Native"));
        Assert.AreEqual(Presence.Present, Of("Words"));
        Assert.IsFalse(packages.Any(p => p.Name is "App" or "Ref"));
        var there = packages.Single(p => p.Name == "There");
        Assert.StartsWith("cf83e1357eefb8bd", there.Sha512);
        CollectionAssert.AreEqual(new[] { "pkg:nuget/Missing@2.0.0" }, there.DependsOn.ToArray());
        CollectionAssert.AreEqual(new[] { "App", "There/1.0.0", "Missing/2.0.0" }, packages.Single(p => p.Name == "Missing").DependencyPath.ToArray());
    }

    [TestMethod]
    [DataRow("{")]
    [DataRow("[]")]
    [DataRow("{}")]
    public async Task A_dependency_file_that_cannot_be_read_is_a_gap(string content)
    {
        var result = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("app/App.deps.json", content)), null, new(), TestContext.CancellationToken);
        Assert.AreEqual("app/App.deps.json", result.Gaps.Single().Path);
    }

    [TestMethod]
    public async Task Hosts_SDKs_and_tools_are_listed_by_where_they_stand()
    {
        var packages = await ReadAsync(l => l.File("usr/share/dotnet/host/fxr/10.0.3/libhostfxr.so", "x").File("usr/share/dotnet/sdk/10.0.100/dotnet.dll", "x")
            .File("root/.dotnet/tools/.store/some.tool/1.2.3/some.tool/1.2.3/tools/net10.0/any/DotnetToolSettings.xml", "<x/>"));
        CollectionAssert.AreEquivalent(new[] { ("dotnet-hostfxr", "10.0.3"), ("dotnet-sdk", "10.0.100"), ("some.tool", "1.2.3") }, packages.Select(p => (p.Name, p.Version)).ToArray());
    }

    [TestMethod]
    public async Task An_assembly_that_nothing_names_gives_its_package_version_and_never_its_file_version()
    {
        var own = await File.ReadAllBytesAsync(typeof(YamlDotNet.Core.Parser).Assembly.Location, TestContext.CancellationToken);
        var identity = AssemblyIdentity.Read(own)!;
        var package = (await ReadAsync(l => l.File("app/plugins/YamlDotNet.dll", own).File("app/native.dll", "MZ no assembly"))).Single();
        Assert.AreEqual(("YamlDotNet", identity.PackageVersion, true), (package.Name, package.Version, package.IsVersionCertain));
        Assert.AreNotEqual(identity.AssemblyVersion, package.Version);
    }

    [TestMethod]
    public async Task A_self_contained_app_without_a_dependency_file_tells_its_runtime_by_its_configuration()
    {
        const string Configuration = """{"runtimeOptions":{"tfm":"net8.0","includedFrameworks":[{"name":"Microsoft.NETCore.App","version":"8.0.22"},{"name":7}]}}""";
        var alone = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("app/App.runtimeconfig.json", Configuration)), null, new(), TestContext.CancellationToken);
        Assert.AreEqual(("Microsoft.NETCore.App", "8.0.22", Presence.Present), (alone.Packages.Single().Name, alone.Packages[0].Version, alone.Packages[0].Presence));
        Assert.Contains("CBG1010", alone.Findings.Select(f => f.Code));
        var named = await ReadAsync(l => l.File("app/App.runtimeconfig.json", Configuration).File("app/App.deps.json", """{"libraries":{"runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.22":{"type":"runtimepack"}}}"""));
        Assert.AreEqual("Microsoft.NETCore.App.Runtime.linux-x64", named.Single().Name);
        Assert.IsEmpty(await ReadAsync(l => l.File("app/App.runtimeconfig.json", """{"runtimeOptions":{"framework":{"name":"Microsoft.NETCore.App","version":"8.0.0"}}}""").File("app/Other.runtimeconfig.json", "[]")));
    }

    [TestMethod]
    public async Task A_hash_that_is_none_and_a_chain_without_end_cost_nothing_else()
    {
        var hash = await ReadAsync(l => l.File("app/Lib.dll", "code").File("app/App.deps.json", $$$"""{"libraries":{"Lib/1.0.0":{"type":"package","sha512":"sha512-{{{new string('!', 88)}}}"} },"targets":{"t":{"Lib/1.0.0":{"runtime":{"Lib.dll":{} } } } } }"""));
        Assert.AreEqual("", hash.Single().Sha512);
        const int Count = 20_000;
        var chain = string.Join(',', Enumerable.Range(0, Count).Select(i => $$$"""
            "L{{{i}}}/1.0.0":{"type":"{{{(i == 0 ? "project" : "package")}}}"}
            """));
        var needs = string.Join(',', Enumerable.Range(0, Count).Select(i => $$$"""
            "L{{{i}}}/1.0.0":{"dependencies":{"L{{{i + 1}}}":"1.0.0"}}
            """));
        var packages = await ReadAsync(l => l.File("app/App.deps.json", $$$"""{"libraries":{ {{{chain}}} },"targets":{"t":{ {{{needs}}} } } }"""));
        Assert.HasCount(Count - 1, packages);
        Assert.IsLessThan(200, packages.Max(p => p.DependencyPath.Length));
    }

    [TestMethod]
    public async Task A_bundle_of_an_unknown_version_and_a_cut_one_are_gaps()
    {
        byte[] Bundle(uint major, int files)
        {
            var file = new MemoryStream();
            file.Write("\u007fELF"u8);
            file.Write(new byte[20_000]);
            file.Write(BitConverter.GetBytes((long)(20_004 + 8 + 32)));
            file.Write(SingleFileBundle.Signature);
            file.Write(BitConverter.GetBytes(major));
            file.Write(BitConverter.GetBytes(0u));
            file.Write(BitConverter.GetBytes(files));
            file.Write([3, (byte)'a', (byte)'b', (byte)'c']);
            return file.ToArray();
        }

        foreach (var (bytes, reason) in ((byte[], string)[])[(Bundle(9, 0), "not known"), (Bundle(6, 3), "damaged"), (Bundle(6, -1), "claims")])
        {
            var result = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("app/App", bytes, mode: 0b111_101_101)), null, new(), TestContext.CancellationToken);
            Assert.Contains(reason, result.Gaps.Single().Reason);
        }
    }

    [TestMethod]
    public async Task A_native_program_says_that_nobody_can_say_what_is_in_it()
    {
        var program = Encoding.Latin1.GetBytes("\u007fELF" + new string('x', 40_000) + "\0__managedcode\0.NET: ilc 10.0.12-servicing.26101.1\0");
        var result = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("app/App", program, mode: 0b111_101_101)), null, new(), TestContext.CancellationToken);
        Assert.AreEqual("app/App", result.Findings.Single(f => f.Code == "CBG1012").Location.Path);
        Assert.AreEqual("10.0.12", result.Packages.Single().Version);
        var assets = new ProjectAssets
        {
            ProjectPath = "/src/App.csproj", ProjectName = "App",
            Packages = System.Collections.Immutable.ImmutableDictionary<string, ResolvedPackage>.Empty.Add("Inside", new ResolvedPackage("Inside", "1.0.0", ["App", "Inside/1.0.0"], true, [])),
        };
        var known = await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("app/App", program, mode: 0b111_101_101)), null, new() { Assets = assets }, TestContext.CancellationToken);
        Assert.IsEmpty(known.Findings.Where(f => f.Code == "CBG1012"));
        Assert.IsTrue(known.Packages.Any(p => p.Name == "Inside"));
    }

    [TestMethod]
    public async Task A_program_without_the_compilers_mark_is_native_by_its_sections_and_a_dump_tool_is_not()
    {
        async Task<int> OpaqueAsync(byte[] program) =>
            (await ContentCheck.RunAsync(new ImageBuilder().Layer(l => l.File("app/tool", program, mode: 0b111_101_101)), null, new(), TestContext.CancellationToken)).Findings.Count(f => f.Code == "CBG1012");
        byte[] Elf(string text) => Encoding.Latin1.GetBytes("\u007fELF" + new string('x', 40_000) + text);
        Assert.AreEqual(1, await OpaqueAsync(Elf("\0.text\0__managedcode\0__unbox\0")));
        Assert.AreEqual(0, await OpaqueAsync(Elf("\0DotNetRuntimeDebugHeader\0")));
        Assert.AreEqual(0, await OpaqueAsync(await File.ReadAllBytesAsync(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "createdump"), TestContext.CancellationToken)));
    }

    [TestMethod]
    public async Task Packages_of_other_ecosystems_are_listed()
    {
        var go = new MemoryStream();
        go.Write("\u007fELF"u8);
        go.Write(new byte[20_000]);
        go.Write(GoBuildInfo.Magic);
        go.Write([8, 2]);
        go.Write(new byte[16]);
        void Text(string text)
        {
            go.Write([(byte)((text.Length & 0x7F) | 0x80), (byte)(text.Length >> 7)]);
            go.Write(Encoding.Latin1.GetBytes(text));
        }

        Text("go1.22.3");
        Text(new string('f', 16) + "path\tx\nmod\tx\t(devel)\t\ndep\tgolang.org/x/net\tv0.20.0\th1:=\ndep\told\tv1.0.0\n=>\tnew\tv2.0.0\th1:=\n" + new string('f', 16));
        var jar = new MemoryStream();
        using (var zip = new System.IO.Compression.ZipArchive(jar, System.IO.Compression.ZipArchiveMode.Create, leaveOpen: true))
        using (var writer = new StreamWriter(zip.CreateEntry("META-INF/maven/org.x/y/pom.properties").Open()))
        {
            writer.Write("groupId=org.x\nartifactId=y\nversion=1.2\n");
        }

        var packages = await ReadAsync(l => l
            .File("app/wwwroot/node_modules/@scope/lib/package.json", """{"name":"@scope/lib","version":"1.0.0","license":"MIT"}""").File("app/wwwroot/node_modules/lib/src/package.json", """{"name":"inner","version":"1.0.0"}""")
            .File("app/spa/package-lock.json", """{"lockfileVersion":3,"packages":{"":{"name":"spa"},"node_modules/left-pad":{"version":"1.3.0"},"node_modules/dev":{"version":"1.0.0","dev":true}}}""")
            .File("usr/lib/python3/dist-packages/Some_Lib-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: Some_Lib\nVersion: 1.0\n\nVersion: 9\n")
            .File("usr/bin/tool", go.ToArray(), mode: 0b111_101_101).File("app/y.jar", jar.ToArray()));
        CollectionAssert.AreEquivalent(
            new[] { "pkg:npm/%40scope/lib@1.0.0", "pkg:npm/left-pad@1.3.0", "pkg:pypi/some-lib@1.0", "pkg:golang/stdlib@1.22.3", "pkg:golang/golang.org/x/net@v0.20.0", "pkg:golang/new@v2.0.0", "pkg:maven/org.x/y@1.2" },
            packages.Select(p => p.Purl).ToArray());
    }

    private async Task<IReadOnlyList<Package>> ReadAsync(Action<LayerBuilder> layer) => (await ContentCheck.RunAsync(new ImageBuilder().Layer(layer), null, new(), TestContext.CancellationToken)).Packages;
}
