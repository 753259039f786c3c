using System.Net.Sockets;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

[TestClass]
public sealed class EngineAddressTests
{
    [TestMethod]
    [DataRow("unix:///run/podman/podman.sock")]
    [DataRow("tcp://127.0.0.1:2376")]
    public void An_address_that_is_named_is_taken(string address) => Assert.AreEqual(new Uri(address), EngineAddress.Find(address).Address);

    [TestMethod]
    [DataRow("ssh://host")]
    [DataRow("nothing")]
    public void What_is_no_address_is_wrong_input(string address) =>
        Assert.AreEqual(GuardFailure.Input, Assert.ThrowsExactly<GuardException>(() => EngineAddress.Find(address)).Kind);

    [TestMethod]
    public async Task An_engine_that_is_not_there_is_said_to_be_unreachable()
    {
        var error = await Assert.ThrowsExactlyAsync<GuardException>(() => ContainerAudit.RunAsync(EngineAddress.Find("unix:///nonexistent/engine.sock"), Policy.Default, null, TimeProvider.System, CancellationToken.None));
        Assert.AreEqual(("CBG9005", GuardFailure.Environment), (error.Code, error.Kind));
    }

    [TestMethod]
    [DataRow(SocketError.AccessDenied, "CBG9006", "run as root")]
    [DataRow(SocketError.ConnectionRefused, "CBG9005", "nothing listens")]
    [DataRow(SocketError.HostNotFound, "CBG9005", "nothing listens")]
    public void A_socket_that_may_not_be_used_says_what_to_do(SocketError socket, string code, string remedy)
    {
        var error = EngineErrors.Of(new HttpRequestException("x", new SocketException((int)socket)));
        Assert.AreEqual((code, GuardFailure.Environment), (error.Code, error.Kind));
        Assert.Contains(remedy, error.Message);
    }
}
