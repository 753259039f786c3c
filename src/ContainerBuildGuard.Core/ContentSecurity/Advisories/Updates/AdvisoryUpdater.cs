using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Brings the user's advisory index up to date: fetches what changed, builds the index anew, and puts it in the place of the old one at once.</summary>
public static class AdvisoryUpdater
{
    public const string PublicSource = "https://osv-vulnerabilities.storage.googleapis.com/";
    public const string PublicKev = "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json";
    public const string PublicEpss = "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz";
    public const string PublicDotNet = "https://raw.githubusercontent.com/dotnet/core/release-index/release-notes/";

    /// <summary>What is found in .NET images and their bases.</summary>
    public static ImmutableArray<string> DefaultEcosystems { get; } = ["NuGet", "Debian", "Ubuntu", "Alpine", "Azure Linux", "AlmaLinux", "Rocky Linux", "Red Hat", "Wolfi"];

    /// <exception cref="GuardException">CBG9005: no source could be reached and there is no copy of any; CBG9009: an address that is none; CBG9010: a copy cannot be read; CBG9012: another update is running.</exception>
    public static async Task<AdvisoryUpdateResult> UpdateAsync(AdvisoryUpdateRequest request, CancellationToken cancellationToken)
    {
        if (File.Exists(request.Folder))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"'{request.Folder}' is a file: CONTAINERBUILDGUARD_ADVISORIES must name a folder for `cbg advisories update`.");
        }

        var sources = Directory.CreateDirectory(Path.Combine(request.Folder, "sources")).FullName;
        using var alone = Lock(Path.Combine(request.Folder, "update.lock"));
        using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(15) };
        http.DefaultRequestHeaders.UserAgent.ParseAdd("ContainerBuildGuard");
        var copies = new SourceCopies(sources, http, request.Time);
        var updates = new List<SourceUpdate>();
        var inputs = new List<(string Path, DateTimeOffset? AsOf)>();
        void Use(SourceUpdate update)
        {
            updates.Add(update);
            if (copies.ConfirmedAt(update.Name) is { } at)
            {
                inputs.Add((copies.PathOf(update.Name), at));
            }
        }

        if (File.Exists(request.Source) || Directory.Exists(request.Source))
        {
            inputs.AddRange(LocalSources(request).Select(p => (p, (DateTimeOffset?)null)));
        }
        else
        {
            var root = Address(request.Source, "--source");
            foreach (var ecosystem in request.Ecosystems)
            {
                Use(await copies.FetchAsync($"osv/{ecosystem}.zip", new Uri(root, $"{Uri.EscapeDataString(ecosystem)}/all.zip"), cancellationToken));
            }
        }

        foreach (var (name, address, option) in ((string, string, string)[])[("kev.json", request.Kev, "--kev"), ("epss.csv.gz", request.Epss, "--epss")])
        {
            if (address.Length > 0)
            {
                Use(await copies.FetchAsync(name, Address(address, option, isFolder: false), cancellationToken));
            }
        }

        if (request.DotNet.Length > 0)
        {
            (await DotNetTimeline.FetchAsync(copies, Address(request.DotNet, "--dotnet"), cancellationToken)).ForEach(Use);
        }

        if (request.NuGetConfigFolder.Length > 0)
        {
            (await NuGetVulnerabilitySource.FetchAsync(copies, request.NuGetConfigFolder, cancellationToken)).ForEach(Use);
        }

        copies.SaveState();
        if (inputs.Count == 0)
        {
            throw new GuardException("CBG9005", GuardFailure.Environment, $"No advisory source could be fetched ({updates.Find(u => u.Problem is not null)?.Problem ?? "none was named"}): check the network and run `cbg advisories update` again; an index that was there before is unchanged.");
        }

        var output = Path.Combine(request.Folder, AdvisoryLocations.IndexName);
        AdvisoryBuilder.Build(inputs, output, request.Time, cancellationToken);
        using var index = AdvisoryIndex.Open(output);
        return new AdvisoryUpdateResult([.. updates], output, index.Count, index.AsOf);
    }

    private static List<string> LocalSources(AdvisoryUpdateRequest request)
    {
        var mirrored = request.Ecosystems.Select(e => Path.Combine(request.Source, e, "all.zip")).Where(File.Exists).ToList();
        return mirrored.Count > 0 ? mirrored : [request.Source];
    }

    private static Uri Address(string text, string option, bool isFolder = true) =>
        Uri.TryCreate(isFolder ? text.TrimEnd('/') + "/" : text, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback)) && uri.UserInfo.Length == 0
            ? uri
            : throw new GuardException("CBG9009", GuardFailure.Input, $"{option} names no address that begins with https:// (without a password in it), and nothing that is on this machine: advisories decide what passes, so they are not fetched over plain HTTP.");

    private static FileStream Lock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        }
        catch (IOException e)
        {
            throw new GuardException("CBG9012", GuardFailure.Environment, $"Another `cbg advisories update` is at work on the same folder ('{path}' is in use): wait for it to end.", e);
        }
    }
}
