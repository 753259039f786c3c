using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class LocalHostProbeTests
{
    private readonly LocalHostProbe _probe = new();

    [TestMethod]
    public void Mode_and_type_are_those_of_the_file()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("Only Linux has these modes.");
            return;
        }

        var path = Path.GetTempFileName();
        try
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.OtherWrite);
            var file = _probe.Stat(path);
            Assert.AreEqual("0402", file.Value.Octal);
            Assert.IsTrue(file.Value.IsRegular);
            Assert.IsFalse(file.Value.IsWithin(0x1A4));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [TestMethod]
    public void A_kernel_parameter_is_read()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("Only Linux has kernel parameters.");
            return;
        }

        var value = _probe.ReadText("/proc/sys/kernel/randomize_va_space");
        Assert.IsNull(value.Problem);
        Assert.IsInRange(0, 2, int.Parse(value.Value, System.Globalization.CultureInfo.InvariantCulture));
    }

    [TestMethod]
    public void What_is_absent_is_absent_and_a_device_is_not_read()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("Only Linux has these paths.");
            return;
        }

        Assert.AreEqual((false, null), (_probe.Stat("/no/such/file").Found, _probe.Stat("/no/such/file").Problem));
        Assert.AreEqual((false, null), (_probe.List("/no/such/folder").Found, _probe.List("/no/such/folder").Problem));
        Assert.IsNotNull(_probe.ReadText("/dev/zero").Problem);
        Assert.IsTrue(_probe.Processes().Value.Any(p => p.Pid == Environment.ProcessId));
    }

    /// <summary>A daemon that takes the connection and says nothing, and one that never comes to the end of its answer.</summary>
    [TestMethod]
    [Timeout(30_000)]
    [DataRow("")]
    [DataRow("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")]
    public async Task A_daemon_that_hangs_costs_a_second_and_not_the_audit(string answer)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("The audit is for Linux.");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("cbg-hang-");
        var socket = Path.Combine(folder.FullName, "docker.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(socket));
        listener.Listen();
        using var done = new CancellationTokenSource();
        var serving = Task.Run(async () =>
        {
            using var connection = await listener.AcceptAsync();
            await connection.SendAsync(Encoding.ASCII.GetBytes(answer));
            try
            {
                while (true)
                {
                    await connection.SendAsync(answer.Length > 0 ? " "u8.ToArray() : ReadOnlyMemory<byte>.Empty, done.Token);
                    await Task.Delay(50, done.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The audit has had enough.
            }
        });
        try
        {
            var clock = Stopwatch.StartNew();
            Assert.Contains("does not answer within", _probe.AskService(socket, "/info").Problem!);
            Assert.IsLessThan(5, clock.Elapsed.TotalSeconds);
        }
        finally
        {
            await done.CancelAsync();
            await serving;
            folder.Delete(recursive: true);
        }
    }
}
