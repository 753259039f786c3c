using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Docker;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class RegistryCredentialsCheckTests
{
    private const string File = "/home/dev/.docker/config.json";
    private static readonly string Secret = "bWU6" + "c2VjcmV0";

    [TestMethod]
    public void Clear_credentials_are_found_by_registry_and_never_printed()
    {
        var json = $$"""{ "auths": { "registry.corp": { "auth": "{{Secret}}" }, "helper.corp": {} } }""";
        var result = new FakeHost().File(File, json, 0x180, 1000).Ask(new RegistryCredentialsCheck());
        Assert.AreEqual(("registry.corp", Severity.Medium), (result.Findings.Single().Key, result.Findings[0].Severity));
        Assert.DoesNotContain(Secret, result.Findings[0].ToString() + result.Reason);
    }

    [TestMethod]
    public void A_file_with_credentials_that_others_can_read_is_worse()
    {
        var json = $$"""{ "auths": { "registry.corp": { "auth": "{{Secret}}" } } }""";
        Assert.AreSequenceEqual([Severity.Medium, Severity.High], new FakeHost().File(File, json).Ask(new RegistryCredentialsCheck()).Findings.Select(f => f.Severity));
        Assert.AreEqual("mode", new FakeHost().File("/home/dev/.docker/key.pem", "x").Ask(new RegistryCredentialsCheck()).Findings.Single().Key);
    }

    [TestMethod]
    public void A_helper_passes_no_file_is_not_applicable_and_a_broken_one_not_checked()
    {
        Assert.AreEqual(AuditOutcome.Passed, new FakeHost().File(File, """{ "auths": { "registry.corp": {} }, "credsStore": "pass" }""").Ask(new RegistryCredentialsCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new RegistryCredentialsCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, new FakeHost().File(File, "{ oops").Ask(new RegistryCredentialsCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, new FakeHost().Denied(File).Ask(new RegistryCredentialsCheck()).Outcome);
    }
}
