using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class HostFactsCacheTests
{
    [TestMethod]
    [DataRow("DOCKER_HOST", "tcp://build:2375")]
    [DataRow("PATH", "/usr/bin:/tmp")]
    [DataRow("GITHUB_ACTIONS", "true")]
    [DataRow("XDG_RUNTIME_DIR", "/run/user/1")]
    [DataRow("DEPLOY_TOKEN", "x")]
    public async Task Facts_of_another_environment_are_not_taken(string name, string value)
    {
        var folder = Directory.CreateTempSubdirectory("cbg-facts-");
        try
        {
            var facts = Path.Combine(folder.FullName, "facts");
            await Collect(new FakeHost(), facts);
            await Collect(new FakeHost().Variable(name, value), facts);
            Assert.HasCount(2, Directory.GetFiles(facts));

            // The value of a secret makes no difference, as it is in no fact; nor does what no collector asks for.
            await Collect(new FakeHost().Variable("DEPLOY_TOKEN", "y").Variable("BUILD_NUMBER", "7"), facts);
            await Collect(new FakeHost().Variable("DEPLOY_TOKEN", "z").Variable("BUILD_NUMBER", "8"), facts);
            Assert.HasCount(name == "DEPLOY_TOKEN" ? 2 : 3, Directory.GetFiles(facts));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public async Task Every_variable_that_collectors_ask_for_is_part_of_the_key()
    {
        var asked = new HashSet<string>();
        await HostCollector.CollectAsync(new Listening(new FakeHost().Folder("/agent/app"), asked), TimeProvider.System, CancellationToken.None);
        Assert.IsGreaterThan(20, asked.Count);
        var folder = Directory.CreateTempSubdirectory("cbg-facts-");
        try
        {
            foreach (var name in asked)
            {
                await Collect(new FakeHost().Variable(name, "1"), Path.Combine(folder.FullName, "facts"));
            }

            Assert.HasCount(asked.Count, Directory.GetFiles(Path.Combine(folder.FullName, "facts")));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<HostFacts> Collect(IHostProbe host, string folder) => HostFactsCache.GetAsync(host, folder, TimeProvider.System, CancellationToken.None);

    /// <summary>A host that remembers which variables were asked for.</summary>
    private sealed class Listening(IHostProbe host, HashSet<string> asked) : IHostProbe
    {
        public bool IsLinux => host.IsLinux;

        public string Root => host.Root;

        public string HomeDirectory => host.HomeDirectory;

        public string WorkingDirectory => host.WorkingDirectory;

        public ImmutableArray<string> EnvironmentVariableNames => host.EnvironmentVariableNames;

        public string? EnvironmentVariable(string name)
        {
            lock (asked)
            {
                asked.Add(name);
            }

            return host.EnvironmentVariable(name);
        }

        public Probed<HostFile> Stat(string path) => host.Stat(path);

        public Probed<string> ReadText(string path, int maxBytes) => host.ReadText(path, maxBytes);

        public Probed<ReadOnlyMemory<byte>> ReadBytes(string path, int maxBytes) => host.ReadBytes(path, maxBytes);

        public Probed<ImmutableArray<string>> List(string path) => host.List(path);

        public Probed<string> ReadLink(string path) => host.ReadLink(path);

        public Probed<ImmutableArray<HostProcess>> Processes() => host.Processes();

        public Probed<string> AskService(string socket, string pathAndQuery) => host.AskService(socket, pathAndQuery);
    }
}
