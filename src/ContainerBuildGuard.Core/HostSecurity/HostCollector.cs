using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Docker;
using ContainerBuildGuard.HostSecurity.DotNet;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.HostSecurity.Linux;
using ContainerBuildGuard.HostSecurity.Podman;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Collects the facts of a host: every part on its own and within a time limit, so that one that hangs or fails leaves the others standing.</summary>
public static class HostCollector
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2.5);

    public static async Task<HostFacts> CollectAsync(IHostProbe probe, TimeProvider time, CancellationToken cancellationToken)
    {
        var reader = new HostReader(probe);
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var deadline = Task.Delay(Limit, time, late.Token);
        var collected = time.GetUtcNow();

        Task<Probed<T>> Part<T>(string name, Func<HostReader, Probed<T>> collect) =>
            probe.IsLinux ? Within(Task.Run(() => Guarded(name, () => collect(reader)), cancellationToken), name, deadline, cancellationToken) : Task.FromResult(Probed<T>.Unreadable("not Linux"));

        var system = Part("the kernel and the mounts", SystemCollector.Collect);
        var container = Part("the container around the audit", ContainerCollector.Collect);
        var accounts = Part("the accounts", AccountCollector.Collect);
        var network = Part("the listening sockets", NetworkCollector.Collect);
        var ssh = Part("the SSH server", SshCollector.Collect);
        var sudo = Part("the sudo rules", SudoCollector.Collect);
        var packages = Part("the packages", r => PackageCollector.Collect(r, collected));
        var commands = Part("what root runs", RootCommandCollector.Collect);
        var docker = Part("Docker", DockerCollector.Collect);
        var podman = Part("Podman", PodmanCollector.Collect);
        var builders = Part("containerd and BuildKit", BuilderCollector.Collect);
        var dotnet = Part(".NET", DotNetCollector.Collect);
        var user = Part("the build user", UserCollector.Collect);
        var sysctls = Part("the kernel parameters", SysctlCollector.Collect);
        var files = Part("owners and modes", FileGroups.Collect);
        await Task.WhenAll(system, container, accounts, network, ssh, sudo, packages, commands, docker, podman, builders, dotnet, user, sysctls, files);
        await late.CancelAsync();
        string?[] problems =
        [
            (await system).Problem, (await container).Problem, (await accounts).Problem, (await ssh).Problem, (await sudo).Problem, (await commands).Problem,
            (await docker).Problem, (await podman).Problem, (await builders).Problem, (await dotnet).Problem, (await user).Problem, (await files).Problem,
        ];
        return new HostFacts
        {
            Schema = HostFacts.CurrentSchema,
            Collected = collected,
            Linux = probe.IsLinux,
            Offline = probe.Root.Length > 0,
            System = await system,
            Container = await container,
            Accounts = await accounts,
            Network = await network,
            Ssh = await ssh,
            Sudo = await sudo,
            Packages = await packages,
            RootCommands = await commands,
            Docker = await docker,
            Podman = await podman,
            Builders = await builders,
            DotNet = await dotnet,
            User = await user,
            Sysctls = await sysctls is { Found: true, Value: var values } ? values : ImmutableSortedDictionary<string, Probed<string>>.Empty,
            Paths = reader.Paths,
            Groups = reader.Groups,
            Incomplete = [.. problems.OfType<string>()],
        };
    }

    private static async Task<Probed<T>> Within<T>(Task<Probed<T>> part, string name, Task deadline, CancellationToken cancellationToken)
    {
        await Task.WhenAny(part, deadline);
        cancellationToken.ThrowIfCancellationRequested();
        return part.IsCompleted ? await part : Probed<T>.Unreadable($"{name} could not be read within {Limit.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)} s");
    }

    private static Probed<T> Guarded<T>(string name, Func<Probed<T>> collect)
    {
        try
        {
            return collect();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Hostile contents may surprise a parser; they must not end the audit.
            return Probed<T>.Unreadable($"{name} could not be read ({e.GetType().Name}: {e.Message.TrimEnd('.')})");
        }
    }
}
