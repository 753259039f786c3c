namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class PlatformTests
{
    [TestMethod]
    [DataRow("linux/amd64", "linux/amd64")]
    [DataRow("Linux/x86_64", "linux/amd64")]
    [DataRow("linux/aarch64", "linux/arm64")]
    [DataRow("linux/armhf", "linux/arm/v7")]
    [DataRow("linux/arm/v6", "linux/arm/v6")]
    [DataRow("windows/i386", "windows/386")]
    public void Names_of_other_systems_are_Gos(string text, string expected) => Assert.AreEqual(expected, Platform.Parse(text).ToString());

    [TestMethod]
    [DataRow("linux")]
    [DataRow("linux/")]
    [DataRow("linux/arm/v7/x")]
    public void What_is_no_platform_is_refused(string text) => Assert.ThrowsExactly<FormatException>(() => Platform.Parse(text));

    [TestMethod]
    [DataRow("linux/arm64", "linux/arm64/v8", 0)]
    [DataRow("linux/arm64/v8", "linux/arm64", 0)]
    [DataRow("linux/arm/v7", "linux/arm/v7", 0)]
    [DataRow("linux/arm/v6", "linux/arm/v7", 1)]
    [DataRow("linux/arm/v5", "linux/arm/v7", 2)]
    [DataRow("linux/arm", "linux/arm/v7", 0)]
    [DataRow("linux/arm/v7", "linux/arm/v6", null)]
    [DataRow("linux/amd64", "linux/amd64/v3", 2)]
    [DataRow("linux/amd64/v3", "linux/amd64/v1", null)]
    [DataRow("linux/amd64", "linux/arm64", null)]
    [DataRow("linux/amd64", "windows/amd64", null)]
    public void A_processor_runs_its_variant_and_those_below(string image, string wanted, int? distance) =>
        Assert.AreEqual(distance, Platform.Parse(image).DistanceTo(Platform.Parse(wanted)));
}
