using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>A base that was accepted.</summary>
/// <param name="Name">As the project names it.</param>
/// <param name="Digest">What that resolved to.</param>
public sealed record BaseImageLockEntry(string Name, string Digest);

/// <summary>What the lock file says to one project and framework.</summary>
/// <param name="Path">The file.</param>
/// <param name="Key">The project's file and framework.</param>
/// <param name="Entry">The entry; null where there is none.</param>
/// <param name="IsOn">Whether the lock is kept at all.</param>
/// <param name="IsEnforced">Whether what it does not say is refused.</param>
public sealed record BaseImageLockView(string Path, string Key, BaseImageLockEntry? Entry, bool IsOn, bool IsEnforced)
{
    /// <summary>Whether the base is the accepted one. Where the lock is not enforced a base of another name, or the first one, is the project's own decision.</summary>
    public bool Allows(BaseImageFacts facts) => Entry is { } entry && entry.Name == facts.Name ? entry.Digest == facts.Digest : !IsEnforced;
}

/// <summary>
/// <c>containerbuildguard.lock.json</c> beside the project: the digest that each project and framework in the folder was last built on. Sorted and without times, so that
/// the same bases give the same bytes; replaced whole, so that a reader never sees half of it.
/// </summary>
public static class BaseImageLock
{
    public const string FileName = "containerbuildguard.lock.json";
    private const int MaxBytes = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly JsonSerializerOptions Written = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>How the file names a project and framework.</summary>
    public static string KeyOf(string projectFile, string framework) => framework.Length == 0 ? Path.GetFileName(projectFile) : $"{Path.GetFileName(projectFile)} {framework}";

    /// <exception cref="GuardException">CBG9009 or CBG9012: the file is no lock file, or cannot be read.</exception>
    public static ImmutableSortedDictionary<string, BaseImageLockEntry> Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? Empty : file.Length > MaxBytes ? throw Wrong(path, $"it has more than {MaxBytes} bytes", null) : Parse(File.ReadAllBytes(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e);
        }
    }

    /// <summary>Writes one entry and leaves the others; does not touch a file that says so already.</summary>
    /// <exception cref="GuardException">CBG9009 or CBG9012: the file is no lock file, or cannot be written.</exception>
    public static async Task RecordAsync(string path, string key, BaseImageLockEntry entry, CancellationToken cancellationToken)
    {
        await using var turn = await TakeTurnAsync(path, cancellationToken);
        var entries = Read(path);
        if (entries.GetValueOrDefault(key) == entry)
        {
            return;
        }

        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(beside, Write(entries.SetItem(key, entry)), cancellationToken);
            File.Move(beside, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unusable(path, e);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    internal static string Write(ImmutableSortedDictionary<string, BaseImageLockEntry> entries) => new JsonObject
    {
        ["version"] = 1,
        ["baseImages"] = new JsonObject(entries.Select(e => KeyValuePair.Create(e.Key, (JsonNode?)new JsonObject { ["name"] = e.Value.Name, ["digest"] = e.Value.Digest }))),
    }.ToJsonString(Written) + "\n";

    private static ImmutableSortedDictionary<string, BaseImageLockEntry> Empty { get; } = ImmutableSortedDictionary.Create<string, BaseImageLockEntry>(StringComparer.Ordinal);

    private static ImmutableSortedDictionary<string, BaseImageLockEntry> Parse(byte[] json, string path)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return root.GetProperty("version").GetInt32() != 1 ? throw Wrong(path, "it has another version than 1", null)
                : Empty.AddRange(root.GetProperty("baseImages").EnumerateObject().Select(e => KeyValuePair.Create(e.Name, new BaseImageLockEntry(e.Value.GetProperty("name").GetString()!, Images.Digest.Parse(e.Value.GetProperty("digest").GetString() ?? "").ToString()))));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or ArgumentException)
        {
            throw Wrong(path, e.Message.Split('\n')[0].TrimEnd('.'), e);
        }
    }

    /// <summary>One writer at a time on this machine: frameworks and projects of a folder publish side by side. The file that is held stands outside the project, so that nothing is left in it.</summary>
    private static async Task<FileStream> TakeTurnAsync(string path, CancellationToken cancellationToken)
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Environment.UserName}\n{Path.GetFullPath(path)}")))[..32];
        var turn = Path.Combine(Path.GetTempPath(), $"containerbuildguard-{name}.turn");
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(20))
        {
            try
            {
                return new FileStream(turn, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw Unusable(path, e);
            }
        }
    }

    private static GuardException Wrong(string path, string what, Exception? inner) =>
        new(GuardRules.InvalidOption.Code, GuardFailure.Input, $"'{path}' is no lock file of base images: {what}; restore it, or delete it and publish once without ContainerBuildGuardLockedMode.", inner) { File = path };

    private static GuardException Unusable(string path, Exception e) =>
        new(GuardRules.FileSystem.Code, GuardFailure.Environment, $"The lock file '{path}' cannot be read or written ({e.Message.TrimEnd('.')}).", e);
}
