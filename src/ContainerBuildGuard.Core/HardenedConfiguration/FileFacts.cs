using System.Globalization;
using System.Reflection.Metadata;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>What the content of one file says that a rule asks for.</summary>
/// <param name="Entry">The file.</param>
/// <param name="Kind">One of the constants of <see cref="FileFacts"/>.</param>
/// <param name="Detail">A name or <c>name:id</c>; never a password, a hash or a key.</param>
internal sealed record FileFact(LayerEntry Entry, string Kind, string Detail);

/// <summary>Reads what rules want to know of the content of a few files: accounts, password fields, sudoers, runtime switches, debug builds.</summary>
internal sealed partial class FileFacts : ILayerObserver
{
    public const string User = "user";
    public const string Group = "group";
    public const string EmptyPassword = "empty-password";
    public const string PasswordHash = "password-hash";
    public const string NoPasswordSudo = "sudo-without-password";
    public const string BinaryFormatter = "binary-formatter";
    public const string MachineKey = "machine-key";
    public const string DebugBuild = "debug-build";

    private const int MostBytes = 8 << 20;

    public string Version => "hardening-files/1";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor(layer.Origin);

    /// <summary>The facts of the files that a container sees.</summary>
    public static IReadOnlyList<FileFact> Visible(ImageInspection inspection) =>
        [.. inspection.Visitors<Visitor>().SelectMany(v => v.Facts).Where(f => inspection.Files.IsVisible(f.Entry))];

    internal sealed class Visitor(Origin origin) : ILayerVisitor
    {
        public List<FileFact> Facts { get; } = [];

        public ContentInterest Visit(LayerEntry entry) => entry.Size is > 0 and < MostBytes && Reader(entry) is not null ? ContentInterest.Whole : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window)
        {
            // Another observer may have asked for a file that is none of ours.
            if (entry.Size < MostBytes && Reader(entry) is { } read)
            {
                Facts.AddRange(read(window.Bytes).Select(f => new FileFact(entry, f.Kind, f.Detail)));
            }
        }

        public void Save(FactWriter facts) => facts.WriteList(Facts, static (w, fact) =>
        {
            w.Write(fact.Entry);
            w.Write(fact.Kind);
            w.Write(fact.Detail);
        });

        public void Load(FactReader facts) => Facts.AddRange(facts.ReadList(static r => new FileFact(r.ReadEntry(), r.ReadText(), r.ReadText())));

        private Func<ReadOnlyMemory<byte>, IEnumerable<(string Kind, string Detail)>>? Reader(LayerEntry entry) => entry.Path switch
        {
            "etc/passwd" => static bytes => Accounts(bytes, User),
            "etc/group" => static bytes => Accounts(bytes, Group),
            "etc/shadow" => Passwords,
            "etc/sudoers" => Sudoers,
            _ when entry.Path.StartsWith("etc/sudoers.d/", StringComparison.Ordinal) => Sudoers,
            _ when origin != Origin.App => null,
            _ when entry.Path.EndsWith(".runtimeconfig.json", StringComparison.Ordinal) => RuntimeSwitches,
            _ when entry.Name.Equals("web.config", StringComparison.OrdinalIgnoreCase) => WebConfig,
            _ when entry.Path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) => Assembly,
            _ => null,
        };
    }

    private static IEnumerable<string[]> Fields(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span).Split('\n').Select(l => l.TrimEnd('\r').Split(':')).Where(f => f.Length > 2 && f[0].Length > 0 && f[0][0] != '#');

    private static IEnumerable<(string, string)> Accounts(ReadOnlyMemory<byte> bytes, string kind)
    {
        foreach (var fields in Fields(bytes))
        {
            yield return (kind, $"{fields[0]}:{fields[2]}");
            if (kind == User && fields[1].Length == 0)
            {
                yield return (EmptyPassword, fields[0]);
            }
        }
    }

    private static IEnumerable<(string, string)> Passwords(ReadOnlyMemory<byte> bytes) => Fields(bytes)
        .Select(f => (f[1].Length == 0 ? EmptyPassword : f[1][0] is '$' or '_' || (f[1].Length == 13 && f[1][0] is not ('!' or '*')) ? PasswordHash : "", f[0]))
        .Where(f => f.Item1.Length > 0);

    private static IEnumerable<(string, string)> Sudoers(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span).Split('\n')
        .Where(l => !l.TrimStart().StartsWith('#') && l.Contains("NOPASSWD", StringComparison.Ordinal)).Select(l => (NoPasswordSudo, l.Trim().Split(' ', '\t')[0]));

    private static IEnumerable<(string, string)> RuntimeSwitches(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("runtimeOptions", out var options) && options.TryGetProperty("configProperties", out var properties)
            && properties.TryGetProperty("System.Runtime.Serialization.EnableUnsafeBinaryFormatterSerialization", out var value) && value.ToString().Equals("true", StringComparison.OrdinalIgnoreCase)
            ? [(BinaryFormatter, "")] : [];
    }

    private static IEnumerable<(string, string)> WebConfig(ReadOnlyMemory<byte> bytes) =>
        MachineKeyPattern().IsMatch(Encoding.UTF8.GetString(bytes.Span)) ? [(MachineKey, "")] : [];

    /// <summary>Whether the compiler was told not to optimise: <c>DebuggableAttribute</c> with <c>DisableOptimizations</c>.</summary>
    private static IEnumerable<(string, string)> Assembly(ReadOnlyMemory<byte> bytes)
    {
        using var image = new AssemblyImage(bytes);
        var pe = image.Reader;
        if (!pe.HasMetadata)
        {
            return [];
        }

        var metadata = pe.GetMetadataReader();
        return metadata.IsAssembly && metadata.GetAssemblyDefinition().GetCustomAttributes().Select(metadata.GetCustomAttribute).Any(a => DisablesOptimizations(metadata, a))
            ? [(DebugBuild, "")] : [];
    }

    private static bool DisablesOptimizations(MetadataReader metadata, CustomAttribute attribute)
    {
        const int DisableOptimizations = 0x100;
        if (attribute.Constructor.Kind != HandleKind.MemberReference
            || metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } parent
            || metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name) != "DebuggableAttribute")
        {
            return false;
        }

        // ECMA-335 II.23.3: prolog 0x0001, then the argument (an enum of int32).
        var value = metadata.GetBlobReader(attribute.Value);
        return value.Length >= 6 && value.ReadUInt16() == 1 && (value.ReadInt32() & DisableOptimizations) != 0;
    }

    [GeneratedRegex(@"<machineKey[^>]*(?:validationKey|decryptionKey)\s*=\s*""[0-9A-Fa-f]{16,}", RegexOptions.CultureInvariant)]
    private static partial Regex MachineKeyPattern();

    /// <summary>The names and ids of a kind of account; ids that are no numbers are left out.</summary>
    public static IEnumerable<(string Name, int Id, LayerEntry Entry)> AccountsOf(IEnumerable<FileFact> facts, string kind) =>
        from fact in facts
        where fact.Kind == kind
        let parts = fact.Detail.Split(':')
        where int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out _)
        select (parts[0], int.Parse(parts[^1], CultureInfo.InvariantCulture), fact.Entry);
}
