using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Inspection;

/// <summary>
/// Facts of layers, one file each, in the user's cache folder. A file belongs to one blob digest, diff ID, origin, set of observers (with their versions) and
/// limits; it is written beside and renamed, so that builds at the same time do not meet. A damaged or foreign file counts as none. The cache helps and never
/// hinders: where it cannot be read or written, the layer is walked.
/// </summary>
public sealed class FactCache
{
    private readonly long _mostBytes;

    private FactCache(string folder, long mostBytes) => (Folder, _mostBytes) = (folder, mostBytes);

    public string Folder { get; }

    /// <summary>
    /// <c>$XDG_CACHE_HOME</c> or <c>~/.cache</c>, on Windows <c>%LOCALAPPDATA%</c>; below it <c>containerbuildguard/layers</c>. Null where the user has no such folder.
    /// </summary>
    public static string? DefaultFolder()
    {
        var root = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathFullyQualified(xdg) ? xdg
            : OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
            : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home ? Path.Combine(home, ".cache") : "";
        return root.Length == 0 ? null : Path.Combine(root, "containerbuildguard", "layers");
    }

    /// <summary>Opens the cache, whose folder is made when the first facts are stored. Null where others may write to it: what they put there must not pass for checked.</summary>
    /// <param name="folder">The cache's own folder.</param>
    /// <param name="mostBytes">What it may hold; past it the files that were not used for longest go.</param>
    public static FactCache? Open(string? folder, long mostBytes = 512L << 20)
    {
        const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        return folder is null || (!OperatingSystem.IsWindows() && Directory.Exists(folder) && (File.GetUnixFileMode(folder) & Others) != 0) ? null : new FactCache(folder, mostBytes);
    }

    /// <summary>How many layers it holds and their bytes.</summary>
    public (int Layers, long Bytes) Measure()
    {
        var files = Files().ToList();
        return (files.Count, files.Sum(f => f.Length));
    }

    /// <summary>Takes everything out and says how much it was.</summary>
    /// <exception cref="IOException">A file could not be deleted.</exception>
    public (int Layers, long Bytes) Clear()
    {
        var before = Measure();
        foreach (var file in Files())
        {
            file.Delete();
        }

        return before;
    }

    internal LayerFacts? Load(LayerInfo layer, IReadOnlyList<ILayerObserver> observers, InspectionLimits limits)
    {
        var key = Key(layer, observers, limits);
        var path = PathOf(key);
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var facts = new LayerFacts(layer, observers);
            if (!LayerFactsFile.Read(File.ReadAllBytes(path), key, facts))
            {
                File.Delete(path);
                return null;
            }

            File.SetLastWriteTimeUtc(path, DateTime.UtcNow);
            return facts;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal void Store(LayerFacts facts, IReadOnlyList<ILayerObserver> observers, InspectionLimits limits)
    {
        var key = Key(facts.Layer, observers, limits);
        var path = PathOf(key);
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(Folder);
            }
            else
            {
                Directory.CreateDirectory(Folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            var beside = $"{path}.{Guid.NewGuid():N}.part";
            File.WriteAllBytes(beside, LayerFactsFile.Write(facts, key));
            File.Move(beside, path, overwrite: true);
            Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Facts that could not be kept are gathered again.
        }
    }

    private static byte[] Key(LayerInfo layer, IReadOnlyList<ILayerObserver> observers, InspectionLimits limits) => SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
        [LayerFactsFile.Format.ToString(CultureInfo.InvariantCulture), layer.Descriptor.Digest.ToString(), layer.Descriptor.MediaType, layer.DiffId.ToString(), layer.Origin.ToString(), limits.ToString(), .. observers.Select(o => o.Version)])));

    private string PathOf(byte[] key) => Path.Combine(Folder, $"{Convert.ToHexStringLower(key)}.facts");

    private IEnumerable<FileInfo> Files() => Directory.Exists(Folder) ? new DirectoryInfo(Folder).EnumerateFiles("*.*").Where(f => f.Extension is ".facts" or ".part") : [];

    /// <summary>Down to nine tenths of the bound, so that not every build has to.</summary>
    private void Trim()
    {
        var files = Files().OrderBy(f => f.LastWriteTimeUtc).ToList();
        var bytes = files.Sum(f => f.Length);
        if (bytes <= _mostBytes)
        {
            return;
        }

        foreach (var file in files)
        {
            if (bytes <= _mostBytes / 10 * 9)
            {
                return;
            }

            bytes -= file.Length;
            file.Delete();
        }
    }
}
