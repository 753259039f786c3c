using ContainerBuildGuard.ContentTrust.BaseImages;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>
/// Goes through a publish once with an image of a few files while the SDK builds the real one. The SDK compiles and compresses on one core; on another the just-in-time compiler
/// prepares what the publish runs through, and the facts of the machine come into their cache, so that nobody waits for either later. It decides and prints nothing, and
/// asks no registry: the one that it delivers to is a <see cref="RehearsalRegistry"/>.
/// </summary>
public sealed class Rehearsal : IDisposable
{
    private static int _begun;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;

    private Rehearsal(PublishRequest request, string library) => _running = Task.Run(() => RunSilentlyAsync(request, library, _ending.Token));

    /// <summary>Begins it; null where this process had one already, or has one core, which the SDK needs itself.</summary>
    /// <param name="request">The publish to come.</param>
    /// <param name="library">The path of some small .NET assembly.</param>
    public static Rehearsal? Begin(PublishRequest request, string library) =>
        Environment.ProcessorCount > 1 && Interlocked.Exchange(ref _begun, 1) == 0 ? new Rehearsal(request, library) : null;

    /// <summary>Ends it, done or not.</summary>
    public void Dispose()
    {
        _ending.Cancel();
        _running.Wait();
        _ending.Dispose();
    }

    internal static async Task RunSilentlyAsync(PublishRequest request, string library, CancellationToken cancellationToken)
    {
        var folder = new DirectoryInfo(request.StagedArchive + ".rehearsal");
        try
        {
            folder.Create();
            await RunAsync(request, library, folder.FullName, cancellationToken);
        }
#pragma warning disable CA1031 // Whatever is wrong is wrong for the real image too, and is said there.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            Delete(folder);
        }
    }

    /// <summary>What a publish does, everything that it writes in <paramref name="folder"/>.</summary>
    internal static async Task<GuardResult> RunAsync(PublishRequest request, string library, string folder, CancellationToken cancellationToken)
    {
        var policy = PublishPolicy.Load(request.PolicyPath, request.ProjectDirectory, request.FailOn);
        var machine = HostGate.FindAsync(request, policy, cancellationToken);
        var registry = RehearsalRegistry.Options;
        await FindBaseAsync(registry, cancellationToken);
        var archive = Path.Combine(folder, "image.tar");
        await File.WriteAllBytesAsync(archive, RehearsalImage.Make(await File.ReadAllBytesAsync(library, cancellationToken)), cancellationToken);
        await using var set = await ImageSource.OpenAsync(archive, policy.SourceOptions(), cancellationToken);
        var result = await Guard.CheckAsync(set, GuardedPublish.GuardRequest(request, policy) with { Cache = FactCache.Open(Path.Combine(folder, "cache", "layers")) }, cancellationToken);
        result = HostGate.Add(result, await machine, request, policy);
        var delivered = request with { ReportDirectory = folder, Registry = RehearsalRegistry.Name, Repository = "rehearsal", Tags = ["latest"], Sign = "false", SignatureFormats = ["bundle"] };
        using var signing = await Signing.PrepareAsync(delivered, attests: false, cancellationToken);
        await Destination.DeliverAsync(delivered, set, signing, new PublishAttestations([]), registry, cancellationToken);
        await PublishReports.WriteAsync(delivered, result, cancellationToken);
        return result;
    }

    private static async Task FindBaseAsync(RegistryClientOptions registry, CancellationToken cancellationToken)
    {
        using var client = new RegistryClient(registry);
        var reference = ImageReference.Parse($"{RehearsalRegistry.Name}/base:latest");
        await BaseImageCollector.CollectAsync(client, new BaseImageInquiry { Reference = reference, Policy = Policy.Default }, cancellationToken);
    }

    private static void Delete(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It lies in the project's intermediate folder and holds nothing of the project.
        }
    }
}
