using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>A real dockerd with bad flags, on a socket and data of its own.</summary>
[TestClass]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RealDaemonTests
{
    [TestMethod]
    public async Task Bad_flags_of_a_running_daemon_are_found_by_its_api_and_its_command_line()
    {
        if (!DockerServer.IsAvailable)
        {
            Assert.Inconclusive("dockerd is not on this machine, or not to be run.");
            return;
        }

        await using var server = await DockerServer.StartAsync("--debug", "--log-driver=none", "--insecure-registry=registry.corp:5000", "--metrics-addr=0.0.0.0:19323", "--experimental", "--live-restore");
        if (server is null)
        {
            Assert.Inconclusive("This machine cannot run dockerd.");
            return;
        }

        var audit = await AuditAsync();
        foreach (var code in (string[])["CBG5004", "CBG5008", "CBG5016", "CBG5022", "CBG5027", "CBG5028", "CBG5033", "CBG5036"])
        {
            Assert.AreEqual(AuditOutcome.Failed, audit[code].Outcome, $"{code}: {audit[code].Reason}");
        }

        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5024"].Outcome, audit["CBG5024"].Reason);
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5026"].Outcome, audit["CBG5026"].Reason);

        File.SetUnixFileMode(server.Socket, (UnixFileMode)0x1B6);
        Assert.IsTrue((await AuditAsync())["CBG5001"].Findings.Any(f => f.Location.Path == server.Socket && f.Key == "mode"));
    }

    [TestMethod]
    public async Task A_file_that_changed_under_a_running_daemon_is_found()
    {
        if (!DockerServer.IsAvailable)
        {
            Assert.Inconclusive("dockerd is not on this machine, or not to be run.");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("cbg-daemon-");
        try
        {
            var file = Path.Combine(folder.FullName, "daemon.json");
            await File.WriteAllTextAsync(file, """{ "live-restore": true, "log-driver": "local", "insecure-registries": ["registry.corp:5000"] }""");
            await using var server = await DockerServer.StartAsync($"--config-file={file}");
            if (server is null)
            {
                Assert.Inconclusive("This machine cannot run dockerd.");
                return;
            }

            Assert.AreNotEqual(AuditOutcome.Failed, (await AuditAsync())["CBG5043"].Outcome, (await AuditAsync())["CBG5043"].Reason);
            await File.WriteAllTextAsync(file, """{ "log-driver": "json-file" }""");
            var found = (await AuditAsync())["CBG5043"].Findings.Select(f => f.Key).ToList();
            Assert.Contains("live-restore", found);
            Assert.Contains("log-driver", found);
            Assert.Contains("insecure-registries", found);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<Dictionary<string, HostCheckResult>> AuditAsync()
    {
        var facts = await HostCollector.CollectAsync(new LocalHostProbe(), TimeProvider.System, CancellationToken.None);
        return HostChecks.All.ToDictionary(c => c.Rule.Code, c => c.Ask(facts));
    }
}
