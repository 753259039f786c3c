using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Images;
using Microsoft.AspNetCore.Http;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A registry by the distribution specification 1.1 in memory, with what registries do differently as settings.</summary>
public sealed partial class MemoryRegistry
{
    private readonly ConcurrentDictionary<string, MemoryStream> _sessions = new();

    /// <summary>Content by <c>repository@digest</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Manifests by <c>repository@digest</c> and <c>repository:tag</c>.</summary>
    public ConcurrentDictionary<string, (string MediaType, byte[] Bytes)> Manifests { get; } = new();

    public bool HasReferrersApi { get; set; } = true;

    public bool TakesChunks { get; set; } = true;

    public bool Mounts { get; set; } = true;

    public bool AnswersRanges { get; set; } = true;

    public bool SaysDigest { get; set; } = true;

    public long LeastChunk { get; set; }

    public int PageSize { get; set; } = 100;

    /// <summary>Uploads that were begun and neither finished nor ended.</summary>
    public int OpenSessions => _sessions.Count;

    public void PutManifest(string repository, string tag, string mediaType, byte[] bytes)
    {
        Manifests[$"{repository}:{tag}"] = (mediaType, bytes);
        Manifests[$"{repository}@{Digest.Sha256(bytes)}"] = (mediaType, bytes);
    }

    public void Put(string repository, string tag, Image image)
    {
        PutManifest(repository, tag, image.Manifest.MediaType, image.ManifestBytes.ToArray());
        foreach (var blob in image.Manifest.Layers.Append(image.Manifest.Config))
        {
            using var stream = image.Blobs.OpenAsync(blob, CancellationToken.None).AsTask().GetAwaiter().GetResult();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            Blobs[$"{repository}@{blob.Digest}"] = copy.ToArray();
        }
    }

    public async Task ServeAsync(HttpContext context)
    {
        var match = Route().Match(context.Request.Path);
        var (repository, kind, rest) = (match.Groups["name"].Value, match.Groups["kind"].Value, match.Groups["rest"].Value);
        await (kind switch
        {
            _ when context.Request.Path == "/v2/" => context.Response.WriteAsync("{}"),
            _ when context.Request.Path == "/v2/_catalog" => ListAsync(context, "repositories", Manifests.Keys.Select(k => k.Split('@', ':')[0])),
            "manifests" => ManifestAsync(context, repository, rest),
            "blobs" when rest.StartsWith("uploads/", StringComparison.Ordinal) => UploadAsync(context, repository, rest["uploads/".Length..]),
            "blobs" => BlobAsync(context, repository, rest),
            "tags" => ListAsync(context, "tags", Manifests.Keys.Where(k => k.StartsWith($"{repository}:", StringComparison.Ordinal)).Select(k => k[(repository.Length + 1)..])),
            "referrers" when HasReferrersApi => ReferrersAsync(context, repository, rest),
            _ => FailAsync(context, 404, "UNSUPPORTED"),
        });
    }

    private async Task ManifestAsync(HttpContext context, string repository, string selector)
    {
        var key = selector.Contains(':', StringComparison.Ordinal) ? $"{repository}@{selector}" : $"{repository}:{selector}";
        if (context.Request.Method == "PUT")
        {
            using var content = new MemoryStream();
            await context.Request.Body.CopyToAsync(content);
            var bytes = content.ToArray();
            var lacking = References(bytes).Where(d => !Blobs.ContainsKey($"{repository}@{d}") && !Manifests.ContainsKey($"{repository}@{d}")).ToList();
            if (lacking.Count > 0 || (selector.Contains(':', StringComparison.Ordinal) && selector != Digest.Sha256(bytes).ToString()))
            {
                await FailAsync(context, 400, "MANIFEST_BLOB_UNKNOWN");
                return;
            }

            Manifests[key] = (context.Request.ContentType!, bytes);
            Manifests[$"{repository}@{Digest.Sha256(bytes)}"] = (context.Request.ContentType!, bytes);
            context.Response.StatusCode = 201;
            context.Response.Headers["Docker-Content-Digest"] = Digest.Sha256(bytes).ToString();
            if (HasReferrersApi && JsonNode.Parse(bytes)!["subject"]?["digest"] is { } subject)
            {
                context.Response.Headers["OCI-Subject"] = (string)subject!;
            }

            return;
        }

        if (!Manifests.TryGetValue(key, out var found))
        {
            await FailAsync(context, 404, "MANIFEST_UNKNOWN");
            return;
        }

        if (SaysDigest)
        {
            context.Response.Headers["Docker-Content-Digest"] = Digest.Sha256(found.Bytes).ToString();
        }

        context.Response.ContentType = found.MediaType;
        await SendAsync(context, found.Bytes);
    }

    private async Task BlobAsync(HttpContext context, string repository, string digest)
    {
        if (!Blobs.TryGetValue($"{repository}@{digest}", out var bytes))
        {
            await FailAsync(context, 404, "BLOB_UNKNOWN");
            return;
        }

        if (AnswersRanges && context.Request.Headers.Range.ToString() is { Length: > 0 } range)
        {
            var from = long.Parse(RangeStart().Match(range).Groups[1].Value, CultureInfo.InvariantCulture);
            if (from >= bytes.Length)
            {
                context.Response.StatusCode = 416;
                return;
            }

            context.Response.StatusCode = 206;
            context.Response.Headers.ContentRange = $"bytes {from}-{bytes.Length - 1}/{bytes.Length}";
            bytes = bytes[(int)from..];
        }

        await SendAsync(context, bytes);
    }

    private async Task UploadAsync(HttpContext context, string repository, string session)
    {
        var query = context.Request.Query;
        if (context.Request.Method == "POST")
        {
            if (Mounts && query.TryGetValue("mount", out var digest) && Blobs.TryGetValue($"{query["from"]}@{digest}", out var content))
            {
                Blobs[$"{repository}@{digest}"] = content;
                context.Response.StatusCode = 201;
                return;
            }

            session = Guid.NewGuid().ToString("N");
            _sessions[session] = new MemoryStream();
            context.Response.Headers["OCI-Chunk-Min-Length"] = LeastChunk > 0 ? LeastChunk.ToString(CultureInfo.InvariantCulture) : null;
            Accept(context, repository, session, 202);
            return;
        }

        if (!_sessions.TryGetValue(session, out var upload))
        {
            await FailAsync(context, 404, "BLOB_UPLOAD_UNKNOWN");
            return;
        }

        switch (context.Request.Method)
        {
            case "PATCH" when !TakesChunks:
                await FailAsync(context, 405, "UNSUPPORTED");
                break;
            case "PATCH" when long.Parse(context.Request.Headers.ContentRange.ToString().Split('-')[0], CultureInfo.InvariantCulture) != upload.Length:
                await FailAsync(context, 416, "RANGE_INVALID");
                break;
            case "PATCH":
                await context.Request.Body.CopyToAsync(upload);
                Accept(context, repository, session, 202);
                break;
            case "GET":
                Accept(context, repository, session, 204);
                break;
            case "DELETE":
                _sessions.TryRemove(session, out _);
                context.Response.StatusCode = 204;
                break;
            default:
                await context.Request.Body.CopyToAsync(upload);
                _sessions.TryRemove(session, out _);
                var actual = Digest.Sha256(upload.ToArray()).ToString();
                if (actual != query["digest"])
                {
                    await FailAsync(context, 400, "DIGEST_INVALID");
                    break;
                }

                Blobs[$"{repository}@{actual}"] = upload.ToArray();
                context.Response.StatusCode = 201;
                break;
        }
    }

    private void Accept(HttpContext context, string repository, string session, int status)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.Location = $"/v2/{repository}/blobs/uploads/{session}";
        context.Response.Headers["Range"] = $"0-{Math.Max(0, _sessions[session].Length - 1)}";
    }

    private async Task ReferrersAsync(HttpContext context, string repository, string subject)
    {
        var all = Manifests.Where(m => m.Key.StartsWith($"{repository}@", StringComparison.Ordinal))
            .Select(m => (m.Value.MediaType, m.Value.Bytes, Json: JsonNode.Parse(m.Value.Bytes)!))
            .Where(m => (string?)m.Json["subject"]?["digest"] == subject)
            .OrderBy(m => Digest.Sha256(m.Bytes).Hex, StringComparer.Ordinal)
            .Select(m => (Descriptor.Of(m.MediaType, m.Bytes) with { ArtifactType = (string?)m.Json["artifactType"] }).ToJson()).ToList();
        context.Response.ContentType = MediaTypes.OciIndex;
        var page = Page(context, all, $"/v2/{repository}/referrers/{subject}");
        await context.Response.WriteAsync(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray([.. page]) }.ToJsonString());
    }

    private async Task ListAsync(HttpContext context, string member, IEnumerable<string> values)
    {
        var page = Page(context, values.Distinct().Order(StringComparer.Ordinal).ToList(), context.Request.Path);
        await context.Response.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, IEnumerable<string>> { [member] = page }));
    }

    private IEnumerable<T> Page<T>(HttpContext context, List<T> all, string path)
    {
        var start = int.TryParse(context.Request.Query["start"], out var parsed) ? parsed : 0;
        if (start + PageSize < all.Count)
        {
            context.Response.Headers.Link = $"<{path}?start={start + PageSize}>; rel=\"next\"";
        }

        return all.Skip(start).Take(PageSize);
    }

    private static async Task SendAsync(HttpContext context, byte[] bytes)
    {
        context.Response.ContentLength = bytes.Length;
        if (context.Request.Method != "HEAD")
        {
            await context.Response.Body.WriteAsync(bytes);
        }
    }

    private static Task FailAsync(HttpContext context, int status, string code)
    {
        context.Response.StatusCode = status;
        return context.Request.Method == "HEAD" ? Task.CompletedTask : context.Response.WriteAsync($$"""{"errors":[{"code":"{{code}}"}]}""");
    }

    private static IEnumerable<string> References(byte[] manifest)
    {
        var json = JsonNode.Parse(manifest)!;
        return new[] { json["config"] }.Concat(json["layers"] as JsonArray ?? []).Concat(json["manifests"] as JsonArray ?? []).Where(d => d is not null && !MediaTypes.IsForeignLayer((string?)d["mediaType"])).Select(d => (string)d!["digest"]!);
    }

    [GeneratedRegex("^/v2/(?<name>.+?)/(?<kind>manifests|blobs|tags|referrers)/(?<rest>.*)$")]
    private static partial Regex Route();

    [GeneratedRegex("bytes=([0-9]+)-")]
    private static partial Regex RangeStart();
}
