using System.Collections.Immutable;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Publishing;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>A base of two platforms in a small registry, and a project that is about to build on it.</summary>
internal sealed class BaseImageFixture : IAsyncDisposable
{
    public const string Repository = "team/base";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-base-");
    private readonly SigningKey _key = SigningKey.Generate();

    public BaseImageFixture()
    {
        File.WriteAllText(At("key.pub"), _key.PublicKey.Pem);
        Set = Build("one");
    }

    public SmallRegistry Registry { get; } = new(hasReferrersApi: true);

    /// <summary>What <see cref="PushAsync"/> pushes.</summary>
    public ImageSet Set { get; set; }

    public string Name => $"{Registry.Host}/{Repository}:1";

    public string ProjectFile => At("App.csproj");

    public string FactsFile => At("obj/base-image.json");

    public string LockFile => At(BaseImageLock.FileName);

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public static ImageSet Build(string content, string? created = "2026-11-01T00:00:00Z") => BuiltImages.Of([.. ((string[])["amd64", "arm64"]).Select(a =>
    {
        var image = new ImageBuilder { Architecture = a }.Layer(l => l.File("etc/base", $"{content} {a}"));
        return (created is null ? image : image.Created(created)).Build();
    })]);

    public async Task<Digest> PushAsync(ImageSet? set = null) => await (Set = set ?? Set).PushAsync(Registry.Host, Repository, "1");

    public Task SignAsync(params IEnumerable<Descriptor> manifests) => SignAtAsync(Registry.Host, "bundle", manifests);

    public async Task SignAtAsync(string registry, string format, params IEnumerable<Descriptor> manifests)
    {
        using var client = new RegistryClient(new RegistryClientOptions());
        using var http = new HttpClient();
        using var credential = SigningCredential.FromKey(_key, "key.pub");
        await ImageSigner.SignAsync(client, registry, Repository, manifests, new BundleSigner(credential, SigningServices.None, null, http), [format], CancellationToken.None);
    }

    public async Task<PinOutcome> PinAsync(string policy = "", Func<PinRequest, PinRequest>? change = null, CancellationToken cancellationToken = default)
    {
        await File.WriteAllTextAsync(At("policy.yaml"), policy, cancellationToken);
        var request = new PinRequest
        {
            BaseImage = Name,
            Registry = Registry.Host,
            Repository = Repository,
            Tag = "1",
            RuntimeIdentifiers = ["linux-x64", "linux-arm64"],
            FactsFile = FactsFile,
            ProjectFile = ProjectFile,
            TargetFramework = "net10.0",
            PolicyPath = At("policy.yaml"),
            ReportDirectory = At("reports"),
            Time = new StoppedClock(DateTimeOffset.Parse("2026-11-20T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture)),
        };
        return await BaseImagePinning.RunAsync(change?.Invoke(request) ?? request, cancellationToken);
    }

    public ImmutableArray<string> Requests => [.. _requests];

    private readonly List<string> _requests = [];

    /// <summary>Keeps the requests that the registry gets from here on.</summary>
    public void Record() => Registry.Before = request =>
    {
        lock (_requests)
        {
            _requests.Add($"{request.Method} {request.Path}");
        }

        return null;
    };

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await Registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
