using System.Text;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>
/// Which package brought a file with the setuid or setgid bit: asked of the package manager's lists (dpkg, apk, rpm) in the layer that brings the file, for whoever installs a package
/// writes both. A file that was made setuid afterwards, in a layer of its own, is the package's no longer, unless it was so before.
/// </summary>
internal sealed class PackageOwners : ILayerObserver
{
    private const string DpkgLists = "var/lib/dpkg/info/";

    public string Version => "package-owners/2";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor();

    /// <summary>What is known of the image's setuid and setgid files.</summary>
    public static FileOwnership Of(ImageInspection inspection)
    {
        var visitors = inspection.Visitors<Visitor>().ToList();
        return new FileOwnership(visitors.Any(v => v.HasLists), visitors.SelectMany(v => v.Owners).GroupBy(o => o.Entry.Path, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Package, StringComparer.Ordinal));
    }

    public static bool IsPrivileged(LayerEntry entry) => entry.Type == EntryType.File && (entry.Mode & 0b110_000_000_000) != 0;

    internal sealed class Visitor : ILayerVisitor
    {
        private readonly List<LayerEntry> _privileged = [];
        private readonly Dictionary<string, string> _packages = new(StringComparer.Ordinal);
        private List<(LayerEntry Entry, string Package)>? _owners;

        /// <summary>Whether the layer says of any package which files it has.</summary>
        public bool HasLists { get; private set; }

        public List<(LayerEntry Entry, string Package)> Owners => _owners ??= [.. _privileged.Where(e => _packages.ContainsKey(Key(e.Path))).Select(e => (e, _packages[Key(e.Path)]))];

        public ContentInterest Visit(LayerEntry entry)
        {
            if (IsPrivileged(entry))
            {
                _privileged.Add(entry);
            }

            return Reader(entry) is null ? ContentInterest.None : ContentInterest.Whole;
        }

        public void Content(LayerEntry entry, ContentWindow window)
        {
            if (Reader(entry) is { } read)
            {
                foreach (var (path, package) in read(window.Bytes))
                {
                    HasLists = true;
                    _packages.TryAdd(Key(path), package);
                }
            }
        }

        public void Save(FactWriter facts)
        {
            facts.Write(HasLists);
            facts.WriteList(Owners, static (w, owner) =>
            {
                w.Write(owner.Entry);
                w.Write(owner.Package);
            });
        }

        public void Load(FactReader facts)
        {
            HasLists = facts.ReadBoolean();
            _owners = facts.ReadList(static r => (r.ReadEntry(), r.ReadText()));
        }

        private Func<ReadOnlyMemory<byte>, IEnumerable<(string Path, string Package)>>? Reader(LayerEntry entry) => entry.Path switch
        {
            _ when entry.Path.StartsWith(DpkgLists, StringComparison.Ordinal) && entry.Path.EndsWith(".list", StringComparison.Ordinal) => bytes => Dpkg(bytes, entry.Name[..^5].Split(':')[0]),
            _ when ApkDatabase.Places.Contains(entry.Path) => Apk,
            // Reading every package's list of files takes longer than everything else about it: only for who has a question. Archives are in the order of paths, so that programs come before.
            _ when _privileged.Count > 0 && RpmDatabase.Folders.Any(f => RpmDatabase.Names.Any(n => entry.Path.Length == f.Length + n.Length && entry.Path.StartsWith(f, StringComparison.Ordinal) && entry.Path.EndsWith(n, StringComparison.Ordinal))) => Rpm,
            _ => null,
        };
    }

    /// <summary><c>/bin</c> and its like have been links into <c>/usr</c> for years; packages still say the one or the other.</summary>
    private static string Key(string path)
    {
        var clean = path.TrimStart('/');
        return clean.StartsWith("usr/", StringComparison.Ordinal) ? clean[4..] : clean;
    }

    private static bool MayBeProgram(ReadOnlySpan<char> path) => (path.Contains("bin/", StringComparison.Ordinal) || path.Contains("lib", StringComparison.Ordinal) || path.Contains("/games/", StringComparison.Ordinal)) && !path.Contains("/share/", StringComparison.Ordinal);

    private static IEnumerable<(string Path, string Package)> Dpkg(ReadOnlyMemory<byte> bytes, string package)
    {
        using var lines = new StringReader(Encoding.UTF8.GetString(bytes.Span));
        while (lines.ReadLine() is { } line)
        {
            if (MayBeProgram(line))
            {
                yield return (line, package);
            }
        }
    }

    /// <summary>The package (<c>P</c>), then a folder (<c>F</c>) before each of its files (<c>R</c>).</summary>
    private static IEnumerable<(string Path, string Package)> Apk(ReadOnlyMemory<byte> bytes)
    {
        var (package, folder, isOfPrograms) = ("", "", false);
        var reader = new FieldReader(bytes);
        while (reader.Read())
        {
            switch (reader.IsEnd ? default : reader.Name)
            {
                case [(byte)'P']:
                    package = reader.Value;
                    break;
                case [(byte)'F']:
                    folder = reader.Value;
                    isOfPrograms = MayBeProgram($"{folder}/");
                    break;
                case [(byte)'R'] when isOfPrograms:
                    yield return ($"{folder}/{reader.Value}", package);
                    break;
            }
        }
    }

    /// <summary>A database that cannot be read, or not without the log beside it, says nothing: whoever lists packages reports it.</summary>
    private static List<(string Path, string Package)> Rpm(ReadOnlyMemory<byte> bytes)
    {
        var files = new List<(string, string)>();
        try
        {
            foreach (var blob in RpmDatabase.Headers(bytes.ToArray(), []))
            {
                if (RpmHeader.Parse(blob) is { } header)
                {
                    files.AddRange(RpmHeader.Files(blob).Where(f => MayBeProgram(f)).Select(f => (f, header.Name)));
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            return [];
        }

        return files;
    }
}

/// <summary>Which packages an image's setuid and setgid files came with.</summary>
/// <param name="IsKnown">Whether any layer says which files packages have; without that nobody knows.</param>
/// <param name="Packages">The package by the file's path.</param>
internal sealed record FileOwnership(bool IsKnown, IReadOnlyDictionary<string, string> Packages)
{
    public string? PackageOf(LayerEntry entry) => Packages.GetValueOrDefault(entry.Path);

    /// <summary>True where packages are known and none of them brought the file.</summary>
    public bool IsStray(LayerEntry entry) => IsKnown && PackageOf(entry) is null;
}
