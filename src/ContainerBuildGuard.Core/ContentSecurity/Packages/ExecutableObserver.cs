using System.Buffers;
using System.Text;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What an executable turned out to carry.</summary>
internal sealed record ExecutableFacts
{
    public SingleFileBundle? Bundle { get; init; }

    /// <summary>The version of .NET that a Native AOT program was compiled with; empty where it does not tell.</summary>
    public string? NativeAot { get; init; }

    public List<SystemPackage>? GoModules { get; init; }

    public string? Problem { get; init; }

    public void Save(FactWriter facts)
    {
        facts.Write(Bundle is not null);
        Bundle?.Save(facts);
        facts.Write(NativeAot);
        facts.Write(GoModules is not null);
        facts.WriteList(GoModules ?? [], static (w, m) => m.Save(w));
        facts.Write(Problem);
    }

    public static ExecutableFacts Load(FactReader facts)
    {
        var bundle = facts.ReadBoolean() ? SingleFileBundle.Load(facts) : null;
        var aot = facts.ReadString();
        var (hasGo, modules) = (facts.ReadBoolean(), facts.ReadList(SystemPackage.Load));
        return new ExecutableFacts { Bundle = bundle, NativeAot = aot, GoModules = hasGo ? modules : null, Problem = facts.ReadString() };
    }
}

/// <summary>
/// Looks into executables for single-file bundles, Native AOT and Go. They are read in windows: the first says whether the file is one at all,
/// and only a bundle's own part is ever kept.
/// </summary>
internal sealed class ExecutableObserver : ILayerObserver
{
    private const int MinBytes = 16 << 10;
    private const long MaxBundleBytes = 1L << 30;

    public string Version => $"executables/4/{Catalogue.Format}";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor();

    public static IEnumerable<FoundFile<ExecutableFacts>> Visible(ImageInspection inspection) =>
        inspection.Visitors<Visitor>().SelectMany(v => v.Found).Where(f => inspection.Files.IsVisible(f.Entry));

    internal sealed class Visitor : ILayerVisitor
    {
        private static readonly SearchValues<byte> VersionCharacters = SearchValues.Create("0123456789.abcdefghijklmnopqrstuvwxyz-"u8);
        private bool _isExecutable;
        private long _header;
        private ArrayBufferWriter<byte>? _tail;
        private long _tailOffset;
        private bool _tooLarge;
        private bool _isAot;
        private string? _compiler;
        private List<SystemPackage>? _modules;

        public List<FoundFile<ExecutableFacts>> Found { get; private set; } = [];

        public ContentInterest Visit(LayerEntry entry) =>
            entry.Type == EntryType.File && entry.Size >= MinBytes && (entry.Mode & 0b001_001_001) != 0 && !entry.Name.Contains(".so", StringComparison.Ordinal) && !entry.Name.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
                ? ContentInterest.Windows
                : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window)
        {
            var bytes = window.Bytes.Span;
            if (window.Offset == 0)
            {
                Reset();
                _isExecutable = bytes.StartsWith("\u007fELF"u8) || bytes.StartsWith("MZ"u8);
            }

            if (!_isExecutable)
            {
                return;
            }

            if (_tail is not null)
            {
                Keep(bytes[window.Overlap..]);
            }
            else
            {
                Look(bytes, window.Offset);
            }

            if (window.IsLast)
            {
                Conclude(entry);
            }
        }

        public void Save(FactWriter facts) => facts.WriteList(Found, static (w, found) =>
        {
            w.Write(found.Entry);
            found.Parsed.Save(w);
        });

        public void Load(FactReader facts) => Found = facts.ReadList(static r => new FoundFile<ExecutableFacts>(r.ReadEntry(), ExecutableFacts.Load(r)));

        private void Reset() => (_isExecutable, _header, _tail, _tailOffset, _tooLarge, _isAot, _compiler, _modules) = (false, 0, null, 0, false, false, null, null);

        private void Look(ReadOnlySpan<byte> bytes, long offset)
        {
            var signature = bytes.IndexOf(SingleFileBundle.Signature);
            if (signature >= 8 && SingleFileBundle.HeaderOffset(bytes, signature) is > 0 and var header)
            {
                // What the bundle holds comes after the host that names it.
                (_header, _tail, _tailOffset) = (header, new ArrayBufferWriter<byte>(1 << 20), offset + signature);
                Keep(bytes[signature..]);
                return;
            }

            if (_modules is null && bytes.IndexOf(GoBuildInfo.Magic) is >= 0 and var go)
            {
                _modules = GoBuildInfo.Parse(bytes[go..]);
            }

            // The sections of compiled managed code, in ELF and in PE. The header for debuggers says less: what looks for it in others (createdump) names it too.
            _isAot |= bytes.IndexOf("\0__managedcode\0"u8) >= 0 || (offset == 0 && bytes.IndexOf(".managed"u8) >= 0 && bytes.IndexOf("hydrated"u8) >= 0);
            if (_compiler is null && bytes.IndexOf(".NET: ilc "u8) is >= 0 and var ilc)
            {
                var version = bytes[(ilc + 10)..];
                _compiler = Encoding.ASCII.GetString(version[..(version.IndexOfAnyExcept(VersionCharacters) is >= 0 and var end ? end : 0)]);
            }
        }

        private void Keep(ReadOnlySpan<byte> bytes)
        {
            _tooLarge |= _tail!.WrittenCount + (long)bytes.Length > MaxBundleBytes;
            if (!_tooLarge)
            {
                _tail.Write(bytes);
            }
        }

        private void Conclude(LayerEntry entry)
        {
            var facts = _tail is not null ? ReadBundle()
                : _isAot || _compiler is not null ? new ExecutableFacts { NativeAot = _compiler is null ? "" : Release(_compiler) }
                : _modules is not null ? new ExecutableFacts { GoModules = _modules }
                : null;
            _tail = null;
            if (facts is not null)
            {
                Found.Add(new(entry, facts));
            }
        }

        /// <summary>Servicing builds carry a build number behind the release's own: <c>10.0.12-servicing.26101.1</c>.</summary>
        private static string Release(string version) =>
            ((string[])["-servicing", "-rtm"]).Select(mark => version.IndexOf(mark, StringComparison.Ordinal)).FirstOrDefault(at => at > 0) is > 0 and var end ? version[..end] : version;

        private ExecutableFacts ReadBundle()
        {
            try
            {
                return _tooLarge
                    ? new ExecutableFacts { Problem = $"its single-file bundle has more than {MaxBundleBytes >> 30} GiB" }
                    : new ExecutableFacts { Bundle = SingleFileBundle.Read(_tail!.WrittenMemory, _tailOffset, _header) };
            }
            catch (InvalidDataException e)
            {
                return new ExecutableFacts { Problem = e.Message };
            }
        }
    }
}
