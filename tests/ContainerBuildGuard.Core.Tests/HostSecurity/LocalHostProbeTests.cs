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
}
