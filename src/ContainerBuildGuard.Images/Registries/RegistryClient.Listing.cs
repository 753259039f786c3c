using System.Net;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <content>Lists (OCI distribution specification, "Content Discovery"), page by page.</content>
public sealed partial class RegistryClient
{
    private const int MaxPages = 1000;
    private const int MaxPageBytes = 32 << 20;
    private const int MaxListed = 100_000;

    /// <summary>Every tag of a repository; empty where there is no such repository.</summary>
    /// <exception cref="ImageException">Refused, unreachable, or a list without an end.</exception>
    public Task<IReadOnlyList<string>> ListTagsAsync(string registry, string repository, CancellationToken cancellationToken) =>
        ListAsync(new RegistryEndpoint(registry, repository), new RegistryRequest(HttpMethod.Get, $"v2/{repository}/tags/list") { Accepted = [HttpStatusCode.NotFound] }, root => root.List("tags"), cancellationToken);

    /// <summary>Every repository of a registry that shows its catalogue.</summary>
    /// <exception cref="ImageException">Refused, unreachable, or a list without an end.</exception>
    public Task<IReadOnlyList<string>> ListRepositoriesAsync(string registry, CancellationToken cancellationToken) =>
        ListAsync(new RegistryEndpoint(registry, ""), new RegistryRequest(HttpMethod.Get, "v2/_catalog") { Scope = "registry:catalog:*" }, root => root.List("repositories"), cancellationToken);

    private async Task<IReadOnlyList<T>> ListAsync<T>(RegistryEndpoint endpoint, RegistryRequest first, Func<JsonElement, IEnumerable<T>> read, CancellationToken cancellationToken) =>
        await PagesAsync(endpoint, first, read, cancellationToken).ConfigureAwait(false) ?? [];

    /// <summary>All pages together; null where the first answer is an accepted status and no list.</summary>
    private async Task<IReadOnlyList<T>?> PagesAsync<T>(RegistryEndpoint endpoint, RegistryRequest first, Func<JsonElement, IEnumerable<T>> read, CancellationToken cancellationToken)
    {
        var all = new List<T>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var request = first; request is not null;)
        {
            if (!seen.Add(request.Path) || seen.Count > MaxPages || all.Count > MaxListed)
            {
                throw new ImageException(ImageError.LimitExceeded, $"The registry's list for {endpoint} does not end (limits: {MaxPages} pages, {MaxListed} entries, no page twice): ask for less, or tell its operator.");
            }

            var (bytes, found, next) = await _transport.ReadAsync(endpoint, request, MaxPageBytes, r => (r.IsSuccessStatusCode, NextPage(r, endpoint)), cancellationToken).ConfigureAwait(false);
            if (!found)
            {
                return request == first ? null : all;
            }

            all.AddRange(JsonContent.Read(bytes, $"list of {endpoint}", root => read(root).ToList()));
            request = next is null ? null : request with { Path = next };
        }

        return all;
    }

    /// <summary><c>Link: &lt;/v2/…?n=…&amp;last=…&gt;; rel="next"</c> (RFC 8288); it may lead to no other host.</summary>
    private static string? NextPage(HttpResponseMessage response, RegistryEndpoint endpoint)
    {
        var link = response.Headers.TryGetValues("Link", out var values) ? values.FirstOrDefault(v => v.Contains("rel=\"next\"", StringComparison.Ordinal) || v.Contains("rel=next", StringComparison.Ordinal)) : null;
        var (start, end) = (link?.IndexOf('<', StringComparison.Ordinal) ?? -1, link?.IndexOf('>', StringComparison.Ordinal) ?? -1);
        if (start < 0 || end <= start)
        {
            return null;
        }

        var current = response.RequestMessage!.RequestUri!;
        return Uri.TryCreate(current, link![(start + 1)..end], out var next) && next.Scheme == current.Scheme && next.Authority == current.Authority
            ? next.AbsoluteUri
            : throw new ImageException(ImageError.Denied, $"The registry's list for {endpoint} goes on at another host, which is not followed: correct the registry's configuration.");
    }
}
