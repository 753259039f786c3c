using System.IO.Compression;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Fetches the public OSV databases of the ecosystems that the guard reads.</summary>
public static class AdvisoryUpdater
{
    public const string PublicSource = "https://osv-vulnerabilities.storage.googleapis.com/";

    private const long MaxBytes = 4L << 30;

    public static IReadOnlyList<string> Ecosystems { get; } = ["NuGet", "Debian", "Ubuntu"];

    /// <summary>Downloads each ecosystem's <c>all.zip</c> to <paramref name="folder"/>; a file is replaced only by a complete, readable one.</summary>
    /// <exception cref="GuardException">CBG9005: the source cannot be reached; CBG9009: it is not https (loopback excepted).</exception>
    public static async Task<IReadOnlyList<string>> UpdateAsync(Uri source, string folder, CancellationToken cancellationToken)
    {
        if (source.Scheme != "https" && !source.IsLoopback)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"The advisory source '{source}' is not https: advisories decide what passes, so they are not fetched over plain HTTP.");
        }

        Directory.CreateDirectory(folder);
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(10) };
        var files = new List<string>();
        foreach (var ecosystem in Ecosystems)
        {
            var path = Path.Combine(folder, $"{ecosystem}.zip");
            var beside = path + ".part";
            try
            {
                await DownloadAsync(http, new Uri(source, $"{ecosystem}/all.zip"), beside, cancellationToken);
                File.Move(beside, path, overwrite: true);
                files.Add(path);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                throw new GuardException("CBG9005", GuardFailure.Environment, $"The advisories of {ecosystem} could not be fetched from {source} ({e.Message.TrimEnd('.')}): check the network and run `cbg advisories update` again; what was there before is unchanged.", e);
            }
            finally
            {
                File.Delete(beside);
            }
        }

        return files;
    }

    private static async Task DownloadAsync(HttpClient http, Uri uri, string path, CancellationToken cancellationToken)
    {
        using var response = await http.GetAsync(uri, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        response.EnsureSuccessStatusCode();
        await using (var body = await response.Content.ReadAsStreamAsync(cancellationToken))
        await using (var file = File.Create(path))
        {
            var buffer = new byte[1 << 16];
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                if (file.Length + count > MaxBytes)
                {
                    throw new InvalidDataException($"the file has more than {MaxBytes} bytes");
                }

                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
            }
        }

        using var zip = ZipFile.OpenRead(path);
        if (zip.Entries.Count == 0)
        {
            throw new InvalidDataException("the zip is empty");
        }
    }
}
