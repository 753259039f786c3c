using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>
/// Answers about revocation, kept for the next run and for machines without a network. They are signed and say until when they are good: each is verified whenever it is used, so that
/// whoever changes a file gains nothing. A folder that cannot be written keeps nothing.
/// </summary>
internal sealed class RevocationCache(string? folder)
{
    private readonly string _folder = folder ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "ContainerBuildGuard", "trust", "revocation");
    private readonly ConcurrentDictionary<string, byte[]> _answers = new();

    public static string Key(Uri address, byte[]? question) => Convert.ToHexStringLower(SHA256.HashData([.. Encoding.UTF8.GetBytes(address.AbsoluteUri), 0, .. question ?? []]));

    public async Task<byte[]?> ReadAsync(string key, long maxBytes, CancellationToken cancellationToken)
    {
        if (_answers.TryGetValue(key, out var answer))
        {
            return answer;
        }

        try
        {
            var file = new FileInfo(Path.Combine(_folder, key));
            return file.Exists && file.Length <= maxBytes ? _answers[key] = await File.ReadAllBytesAsync(file.FullName, cancellationToken) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public async Task WriteAsync(string key, byte[] answer, CancellationToken cancellationToken)
    {
        _answers[key] = answer;
        try
        {
            if (!Directory.Exists(_folder))
            {
                _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(_folder) : Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            // Beside, then renamed: another run sees the old answer or the new one.
            var beside = Path.Combine(_folder, $"{key}.{Guid.NewGuid():n}");
            await File.WriteAllBytesAsync(beside, answer, cancellationToken);
            File.Move(beside, Path.Combine(_folder, key), overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next run asks again.
        }
    }
}
