using ContainerBuildGuard.HostSecurity.Docker;

namespace ContainerBuildGuard.HostSecurity;

[TestClass]
public sealed class EngineReleasesTests
{
    private static readonly DateOnly Today = new(2026, 11, 24);

    [TestMethod]
    [DataRow("1.13.1", true)]
    [DataRow("20.10.24+dfsg1", true)]
    [DataRow("28.5.2", true)]
    [DataRow("29.1.0", false)]
    [DataRow("99.0.0", false)]
    public void A_line_newer_than_all_that_ended_is_in_support(string version, bool ended) => Assert.AreEqual(ended, EngineReleases.EndOf("docker-engine", version) < Today);

    [TestMethod]
    [DataRow("25.0.14")]
    [DataRow("dev")]
    [DataRow("")]
    public void What_nobody_published_an_end_of_is_unknown(string version) => Assert.IsNull(EngineReleases.EndOf("docker-engine", version));

    [TestMethod]
    [DataRow("containerd", "v1.7.27", true)]
    [DataRow("containerd", "v2.3.1", false)]
    [DataRow("runc", "1.1.4", true)]
    [DataRow("runc", "1.3.3", false)]
    [DataRow("runc", "main", null)]
    [DataRow("docker-init", "0.19.0", null)]
    public void Runtimes_are_judged_by_their_lines(string component, string version, bool? isOld) => Assert.AreEqual(isOld, EngineReleases.IsOld(component, version, Today));
}
