using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>A registry in memory on loopback, and a client of it in an environment of its own.</summary>
internal sealed class RegistryFixture : IAsyncDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("cbg-home-");

    private RegistryFixture(MemoryRegistry registry, LoopbackServer server) => (Registry, Server) = (registry, server);

    public MemoryRegistry Registry { get; }

    public LoopbackServer Server { get; }

    public QuickTime Time { get; } = new();

    public Dictionary<string, string> Environment { get; } = [];

    public string Home => _home.FullName;

    public string Host => Server.Host;

    public FaultPlan Faults => Server.Faults;

    /// <summary>The environment's options, with time limits that pass only when the test says so.</summary>
    public RegistryClientOptions Options => new(name => name == "HOME" ? Home : Environment.GetValueOrDefault(name))
    {
        Time = Time,
        StallTimeout = QuickTime.Limit,
        ConnectTimeout = QuickTime.Limit,
        CertificateFolders = [Path.Combine(Home, "certs.d")],
    };

    public static async Task<RegistryFixture> StartAsync(Func<MemoryRegistry, Microsoft.AspNetCore.Http.RequestDelegate>? before = null, System.Security.Cryptography.X509Certificates.X509Certificate2? certificate = null, string? client = null)
    {
        var registry = new MemoryRegistry();
        return new RegistryFixture(registry, await LoopbackServer.StartAsync(before?.Invoke(registry) ?? registry.ServeAsync, certificate, client));
    }

    public Task<ImageSet> OpenAsync(string reference, CancellationToken cancellationToken, RegistryClientOptions? options = null) =>
        ImageSource.OpenAsync($"{Host}/{reference}", new ImageSourceOptions { Registry = options ?? Options }, cancellationToken);

    /// <summary>Opens an image and reads every layer to its end.</summary>
    public async Task<ImageSet> PullAsync(string reference, CancellationToken cancellationToken, RegistryClientOptions? options = null)
    {
        await using var set = await OpenAsync(reference, cancellationToken, options);
        foreach (var image in set.Images)
        {
            foreach (var layer in image.Manifest.Layers)
            {
                await using var stream = await image.Blobs.OpenAsync(layer, cancellationToken);
                await stream.CopyToAsync(Stream.Null, cancellationToken);
            }
        }

        return set;
    }

    /// <summary>Pushes an image under a tag, as a publish does.</summary>
    public async Task PushAsync(Image image, string repository, string tag, CancellationToken cancellationToken, RegistryClientOptions? options = null, params string[] mountFrom)
    {
        using var client = new RegistryClient(options ?? Options);
        await client.PushAsync(SetOf(image), Host, repository, [(image.Digest, tag)], mountFrom, cancellationToken);
    }

    public static ImageSet SetOf(Image image) => new()
    {
        Reference = image.Reference,
        Root = image.Descriptor,
        Manifests = [(image.Descriptor, image.ManifestBytes)],
        Images = [image],
    };

    /// <summary>An image with layers that do not compress away.</summary>
    public static Image Build(int layers = 2, int bytes = 100_000)
    {
        var builder = new ImageBuilder();
        for (var i = 0; i < layers; i++)
        {
            var content = new byte[bytes];
            new Random(i).NextBytes(content);
            builder.Layer(l => l.File($"app/{i}.bin", content));
        }

        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _home.Delete(recursive: true);
    }
}
