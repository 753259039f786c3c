using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>
/// A registry by the OCI distribution specification 1.1. Everything read is checked against its digest; everything pushed is answered with the digest that was meant.
/// Reading asks the registry's mirrors first, writing goes to the registry itself.
/// </summary>
public sealed partial class RegistryClient : IDisposable
{
    private readonly RegistryTransport _transport;
    private readonly RegistryClientOptions _options;

    /// <summary>Creates the client.</summary>
    public RegistryClient(RegistryClientOptions options) => (_options, _transport) = (options, new RegistryTransport(options));

    /// <summary>How registries are talked to.</summary>
    public RegistryClientOptions Options => _options;

    /// <inheritdoc />
    public void Dispose() => _transport.Dispose();

    /// <summary>Sends to each place that may have the content until one does; the last one's failure is the answer.</summary>
    private async Task<(RegistryEndpoint Endpoint, T Result)> ReadAsync<T>(string registry, string repository, bool byDigest, Func<RegistryEndpoint, Task<T>> read)
    {
        foreach (var endpoint in RegistryEndpoint.ForReading(_options, registry, repository, byDigest))
        {
            try
            {
                return (endpoint, await read(endpoint).ConfigureAwait(false));
            }
            catch (ImageException) when (endpoint.Mirror is not null)
            {
                // The next mirror, and at last the registry itself, may do better.
            }
        }

        throw new InvalidOperationException("A registry is always its own last endpoint.");
    }

    /// <summary>
    /// Gathers what each place has beyond those before it: a mirror may have what the registry lacks, and the other way round. A mirror that fails counts as one that has nothing; the
    /// registry's own failure is noted where a mirror has something.
    /// </summary>
    private async Task<Gathered<T>> GatherAsync<T>(string registry, string repository, bool byDigest, Func<RegistryEndpoint, Task<IEnumerable<T>>> read, Func<T, Digest> key)
    {
        var found = ImmutableArray.CreateBuilder<T>();
        ImageException? missed = null;
        foreach (var endpoint in RegistryEndpoint.ForReading(_options, registry, repository, byDigest))
        {
            try
            {
                var before = found.Select(key).ToHashSet();
                found.AddRange((await read(endpoint).ConfigureAwait(false)).Where(f => !before.Contains(key(f))));
            }
            catch (ImageException e) when (endpoint.Mirror is not null || found.Count > 0)
            {
                // What the others have is used.
                missed = endpoint.Mirror is null ? e : null;
            }
        }

        return new Gathered<T>(found.ToImmutable(), missed);
    }
}
