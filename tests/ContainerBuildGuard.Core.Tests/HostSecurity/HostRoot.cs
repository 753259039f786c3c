using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>A real folder as a machine's root, for the tests of one class.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public abstract class HostRoot : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cbg-root-");

    protected string Root => _root.FullName;

    public void Dispose()
    {
        _root.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [TestInitialize]
    public void Require()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("The audit is for Linux.");
        }
    }

    private protected async Task<Dictionary<string, HostCheckResult>> AskAsync()
    {
        var facts = await HostCollector.CollectAsync(new RootedHostProbe(Root), TimeProvider.System, CancellationToken.None);
        return HostChecks.All.ToDictionary(c => c.Rule.Code, c => c.Ask(facts));
    }

    protected string At(string path) => Path.Combine(Root, path);

    protected void Write(string path, string text, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), text);
        File.SetUnixFileMode(At(path), mode);
    }
}
