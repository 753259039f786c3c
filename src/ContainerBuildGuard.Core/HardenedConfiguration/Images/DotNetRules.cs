using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>What a .NET publish brings along that production has no use for.</summary>
internal static class DotNetRules
{
    private static readonly string[] TestPackages = ["xunit.", "nunit.", "Microsoft.VisualStudio.TestPlatform", "Microsoft.TestPlatform", "MSTest.", "coverlet.", "BenchmarkDotNet", "Moq.dll", "NSubstitute.dll", "FluentAssertions.dll", "Microsoft.NET.Test.Sdk", "testhost"];

    public static Rule BinaryFormatter { get; } = Descriptor("CBG2036", "BinaryFormatter is switched on", Severity.High, "CWE-502", "SYSLIB0011");
    public static Rule Symbols { get; } = Descriptor("CBG2056", "Debugging symbols were published", Severity.Info, "OWASP A05");
    public static Rule Documentation { get; } = Descriptor("CBG2057", "Documentation files were published", Severity.Info, "Docker best practices, size");
    public static Rule DebugBuild { get; } = Descriptor("CBG2058", "App is a debug build", Severity.Medium, "OWASP A05");
    public static Rule TestAssembly { get; } = Descriptor("CBG2059", "Test software was published", Severity.Low, "CIS Docker 4.3");
    public static Rule Keys { get; } = Descriptor("CBG2060", "Keys of the app were published", Severity.High, "CIS Docker 4.10", "NIST SP 800-190 4.1.4");
    public static Rule OtherRuntimes { get; } = Descriptor("CBG2068", "Files for other platforms were published", Severity.Info, "Docker best practices, size");
    public static Rule EditorFile { get; } = Descriptor("CBG2069", "File of an editor or a backup was published", Severity.Low, "OWASP A05");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(BinaryFormatter, f => f.Contents.Where(c => c.Kind == FileFacts.BinaryFormatter).Select(c => new ImageHit($"/{c.Entry.Path} switches BinaryFormatter on: who can send it data can run code.", "Take EnableUnsafeBinaryFormatterSerialization out of the project and move to another serializer.") { Entry = c.Entry })),
        new(Symbols, f => Several(f, e => e.Name.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase), "symbol files, which tell names and paths of the sources", "Set <DebugType>none</DebugType> or embedded for Release, and keep symbols in a symbol server.")),
        new(Documentation, f => Several(f, e => e.Name.EndsWith(".xml", StringComparison.OrdinalIgnoreCase) && f.Find(e.Path[..^4] + ".dll") is not null, "documentation files", "Set <PublishDocumentationFiles>false</PublishDocumentationFiles>.")),
        new(DebugBuild, f => f.Contents.Where(c => c.Kind == FileFacts.DebugBuild && IsStarted(f, c.Entry)).Select(c => new ImageHit($"/{c.Entry.Path} was compiled without optimisation: slower, larger, and its debug-only code is in.", "Publish with -c Release (PublishRelease=true is the default since .NET 8).") { Entry = c.Entry })),
        new(TestAssembly, f => Several(f, e => TestPackages.Any(p => e.Name.StartsWith(p, StringComparison.OrdinalIgnoreCase)) && (e.Name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) || e.Name.StartsWith("testhost", StringComparison.Ordinal)), "files of test software", "Reference test packages from the test project alone.")),
        new(Keys, f => f.Contents.Where(c => c.Kind == FileFacts.MachineKey).Select(c => new ImageHit($"/{c.Entry.Path} has a machineKey: who has the image can forge cookies and view state.", "Take it out of web.config and give it at run time.") { Entry = c.Entry })
            .Concat(f.AppFiles.Where(e => e.Path.Contains("DataProtection-Keys/", StringComparison.Ordinal) && e.Name.StartsWith("key-", StringComparison.Ordinal) && e.Name.EndsWith(".xml", StringComparison.Ordinal)).Select(e => new ImageHit($"/{e.Path} is a data protection key: who has the image can forge the app's cookies.", "Delete it, and keep keys outside the image (PersistKeysTo…).") { Entry = e }))),
        new(OtherRuntimes, f => f.Config.Os != "linux" ? [] : Several(f, e => e.Path.Split('/') is var parts && Array.IndexOf(parts, "runtimes") is var at and >= 0 && at + 1 < parts.Length && (parts[at + 1].StartsWith("win", StringComparison.Ordinal) || parts[at + 1].StartsWith("osx", StringComparison.Ordinal) || parts[at + 1].StartsWith("ios", StringComparison.Ordinal) || parts[at + 1].StartsWith("android", StringComparison.Ordinal)), "files for Windows, macOS or phones", "Publish for one runtime: <RuntimeIdentifier>linux-x64</RuntimeIdentifier>.")),
        new(EditorFile, f => f.AppFiles.Where(e => IsEditors(e)).Select(e => new ImageHit($"/{e.Path} is a file of an editor or a backup copy, which may hold what was taken out of the original.", $"Keep it out of the publish: <Content Update=\"{e.Name}\" CopyToPublishDirectory=\"Never\" /> (or None, or delete it).") { Entry = e })),
    ];

    /// <summary>One finding for many files of a kind.</summary>
    private static IEnumerable<ImageHit> Several(HardeningFacts facts, Func<LayerEntry, bool> which, string what, string remedy)
    {
        var found = facts.AppFiles.Where(which).ToList();
        return found.Count == 0 ? [] : [new ImageHit($"The app's layers hold {found.Count} {what}: {string.Join(", ", found.Take(3).Select(e => "/" + e.Path))}{(found.Count > 3 ? "…" : "")}.", remedy) { Entry = found[0], Key = what }];
    }

    private static bool IsStarted(HardeningFacts facts, LayerEntry assembly)
    {
        var name = assembly.Name[..^4];
        return facts.Command.Take(2).Any(a => a.Split('/')[^1] is var started && (started == assembly.Name || started == name));
    }

    private static bool IsEditors(LayerEntry entry) => entry.Name is ".DS_Store" or "Thumbs.db" or ".editorconfig"
        || Path.GetExtension(entry.Name) is ".bak" or ".orig" or ".swp" or ".swo" or ".tmp" or ".suo" or ".rej"
        || entry.Name.EndsWith('~')
        || entry.Path.Split('/').Any(p => p is ".vs" or ".vscode" or ".idea");
}
