using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Copies of remote files, fetched again only when they have changed. A copy is replaced by a complete and readable one only.</summary>
internal sealed class SourceCopies(string folder, HttpClient http, TimeProvider time)
{
    private const long MaxBytes = 8L << 30;
    private readonly string _statePath = Path.Combine(folder, "sources.json");
    private readonly JsonObject _state = Load(Path.Combine(folder, "sources.json"));

    /// <summary>The copy's path, there or not.</summary>
    public string PathOf(string name) => Path.Combine(folder, name);

    /// <summary>When the copy was last known to be the newest; null where there is none.</summary>
    public DateTimeOffset? ConfirmedAt(string name) =>
        File.Exists(PathOf(name)) && _state[name]?["confirmed"]?.GetValue<string>() is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    public async Task<SourceUpdate> FetchAsync(string name, Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            RequireSafe(uri);
            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            var known = _state[name] as JsonObject;
            if (File.Exists(PathOf(name)) && known?["url"]?.GetValue<string>() == uri.ToString())
            {
                if (known["etag"]?.GetValue<string>() is { } tag && EntityTagHeaderValue.TryParse(tag, out var etag))
                {
                    request.Headers.IfNoneMatch.Add(etag);
                }

                if (known["lastModified"]?.GetValue<string>() is { } modified && DateTimeOffset.TryParse(modified, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since))
                {
                    request.Headers.IfModifiedSince = since;
                }
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode == HttpStatusCode.NotModified)
            {
                known!["confirmed"] = Now();
                return new SourceUpdate(name, SourceState.Unchanged);
            }

            response.EnsureSuccessStatusCode();
            await SaveAsync(name, response, cancellationToken);
            _state[name] = new JsonObject
            {
                ["url"] = uri.ToString(),
                ["etag"] = response.Headers.ETag?.ToString(),
                ["lastModified"] = response.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture),
                ["confirmed"] = Now(),
            };
            return new SourceUpdate(name, SourceState.Fetched);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or InvalidDataException or JsonException or GuardException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new SourceUpdate(name, SourceState.Failed, $"{uri.GetLeftPart(UriPartial.Path)}: {e.Message.TrimEnd('.')}");
        }
    }

    /// <summary>Records a copy that was written in another way.</summary>
    public void Confirm(string name) => _state[name] = new JsonObject { ["confirmed"] = Now() };

    public void SaveState()
    {
        var beside = $"{_statePath}.part";
        File.WriteAllText(beside, _state.ToJsonString());
        File.Move(beside, _statePath, overwrite: true);
    }

    private async Task SaveAsync(string name, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var beside = $"{PathOf(name)}.part";
        Directory.CreateDirectory(Path.GetDirectoryName(beside)!);
        try
        {
            var expected = response.Content.Headers.ContentLength;
            await using (var body = await response.Content.ReadAsStreamAsync(cancellationToken))
            await using (var file = File.Create(beside))
            {
                var buffer = new byte[1 << 17];
                while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
                {
                    await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                    if (file.Length > MaxBytes)
                    {
                        throw new InvalidDataException($"the file has more than {MaxBytes >> 30} GiB");
                    }
                }

                if (expected is { } length && file.Length != length)
                {
                    throw new InvalidDataException($"the file ends after {file.Length} of {length} bytes");
                }
            }

            Verify(beside, name);
            File.Move(beside, PathOf(name), overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }

    /// <summary>What is not even what its name says does not replace a good copy: a proxy's error page comes with status 200 too.</summary>
    private static void Verify(string path, string name)
    {
        if (name.EndsWith(".zip", StringComparison.Ordinal))
        {
            using var zip = ZipFile.OpenRead(path);
            if (zip.Entries.Count == 0)
            {
                throw new InvalidDataException("the zip is empty");
            }
        }
        else if (name.EndsWith(".json", StringComparison.Ordinal))
        {
            using var file = File.OpenRead(path);
            using var json = JsonDocument.Parse(file);
        }
        else if (name.EndsWith(".csv.gz", StringComparison.Ordinal))
        {
            using var file = File.OpenRead(path);
            using var csv = new GZipStream(file, CompressionMode.Decompress);
            if (!EpssReader.Read(csv).Any())
            {
                throw new InvalidDataException("the list is empty");
            }
        }
    }

    /// <summary>Advisories decide what passes: they come over TLS, or from this machine.</summary>
    private static void RequireSafe(Uri uri)
    {
        if (uri.Scheme != "https" && !(uri.Scheme == "http" && uri.IsLoopback))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "it is not https, and advisories decide what passes");
        }
    }

    private string Now() => time.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);

    private static JsonObject Load(string path)
    {
        try
        {
            return File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? [] : [];
        }
        catch (JsonException)
        {
            // Without it everything is fetched anew.
            return [];
        }
    }
}
