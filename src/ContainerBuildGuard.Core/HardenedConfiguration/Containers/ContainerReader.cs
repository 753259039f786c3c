using System.Globalization;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Asks an engine everything that rules ask about its containers.</summary>
internal sealed class ContainerReader(EngineEndpoint endpoint, ImageTrustQuestions? trust) : IDisposable
{
    private readonly EngineApi _engine = new(endpoint);
    private JsonElement _info;
    private bool _podman;

    public void Dispose() => _engine.Dispose();

    /// <summary>Asks for the engine itself; to be called first.</summary>
    /// <returns>The engine's own time, as its events are asked for.</returns>
    public async Task<string> OpenAsync(CancellationToken cancellationToken)
    {
        var version = await _engine.GetAsync("version", cancellationToken) ?? default;
        _podman = version.Items("Components").Any(c => c.Text("Name")?.StartsWith("Podman", StringComparison.Ordinal) == true);
        _info = await _engine.GetAsync("info", cancellationToken) ?? default;
        var now = DateTimeOffset.TryParse(_info.Text("SystemTime"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : DateTimeOffset.UtcNow;
        return string.Create(CultureInfo.InvariantCulture, $"{now.ToUnixTimeSeconds()}.{now.Ticks % TimeSpan.TicksPerSecond * 100:D9}");
    }

    /// <summary>All containers, stopped ones included, and how many were gone before they could be asked.</summary>
    public async Task<(IReadOnlyList<RunningContainer> Containers, int Gone)> ReadAllAsync(CancellationToken cancellationToken)
    {
        var list = await _engine.GetAsync("containers/json?all=1", cancellationToken) ?? default;
        var containers = new List<RunningContainer>();
        var gone = 0;
        foreach (var id in list.Items().Select(c => c.Text("Id")).OfType<string>())
        {
            if (await ReadAsync(id, cancellationToken) is { } container)
            {
                containers.Add(container);
            }
            else
            {
                gone++;
            }
        }

        return (containers, gone);
    }

    /// <summary>The ids of containers that were created or started since a time that <see cref="OpenAsync"/> gave.</summary>
    public IAsyncEnumerable<string> NewAsync(string since, CancellationToken cancellationToken) => _engine.NewContainersAsync(since, cancellationToken);

    /// <summary>One container; null where it is gone, or where the engine cannot say what it is (Podman's answer while a container is being removed).</summary>
    public async Task<RunningContainer?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        if (await _engine.GetAsync($"containers/{id}/json", cancellationToken, refusable: true) is not { } inspect)
        {
            return null;
        }

        var top = inspect.Flag("State", "Running") ? await Optional($"containers/{id}/top") : null;
        var changes = await Optional($"containers/{id}/changes");
        var executions = new List<JsonElement>();
        foreach (var execution in inspect.Texts("ExecIDs"))
        {
            if (await Optional($"exec/{execution}/json") is { } exec)
            {
                executions.Add(exec);
            }
        }

        var named = inspect.Text("Config", "Image") is { Length: > 0 } name ? await Optional($"images/{Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)}/json") : null;
        return new RunningContainer(inspect, _info)
        {
            Processes = top is { } processes ? [.. processes.Items("Processes").Select(p => string.Join(' ', p.EnumerateArray().Select(f => f.ToString())))] : null,
            // An engine that sees no change answers null.
            Changes = changes is { } changed ? changed.ValueKind == JsonValueKind.Array ? [.. changed.EnumerateArray().Select(c => (c.Text("Path") ?? "", c.Number("Kind")))] : [] : null,
            Executions = executions,
            IsPodman = _podman,
            CreateCommand = _podman && (await Optional($"v4.0.0/libpod/containers/{id}/json"))?.Texts("Config", "CreateCommand") is { Count: > 0 } command ? command : null,
            NamedImageId = named?.Text("Id"),
            Trust = trust is null ? null : await TrustAsync(inspect, named),
        };

        // What an engine cannot answer of one container (no ps on the host, a driver without changes) is not the end of the audit.
        async Task<JsonElement?> Optional(string path)
        {
            try
            {
                return await _engine.GetAsync(path, cancellationToken);
            }
            catch (GuardException)
            {
                return null;
            }
        }

        // The image that runs, and not what its name means by now: only its digests in registries say which one that is.
        async Task<ImageTrust> TrustAsync(JsonElement container, JsonElement? byName)
        {
            var running = byName?.Text("Id") == container.Text("Image") ? byName : container.Text("Image") is { Length: > 0 } image ? await Optional($"images/{Uri.EscapeDataString(image)}/json") : null;

            // What Podman made itself it lists under "localhost", which is no registry there.
            var digests = (running?.Texts("RepoDigests") ?? []).Where(d => !_podman || !d.StartsWith("localhost/", StringComparison.Ordinal));
            return await trust!.AskAsync(container.Text("Config", "Image") ?? "", [.. digests], cancellationToken);
        }
    }
}
