namespace ContainerBuildGuard.Sigstore;

/// <summary>A profile's program (credential_process): here a script, which a shell is named for in the profile itself.</summary>
[TestClass]
public sealed class AwsProfileProgramTests : IDisposable
{
    private readonly AwsFixture _aws = new();

    public void Dispose() => _aws.Dispose();

    [TestMethod]
    public async Task Its_answer_signs_and_its_arguments_are_its_own()
    {
        // What a shell would have made two commands of, expanded or cut off reaches the program as it stands.
        var used = await UsedAsync($$"""printf '%s\n' "$@" > '{{_aws.At("arguments")}}'; echo '{"Version":1,"AccessKeyId":"from-program","SecretAccessKey":"{{AwsFixture.Secret}}","SessionToken":"its-session","Expiration":"2099-01-01T00:00:00Z"}'""",
            """ "two words" ; $HOME 'single "quoted"' back\\slash""");
        Assert.AreEqual(("from-program", "its-session"), used);
        CollectionAssert.AreEqual(new[] { "two words", ";", "$HOME", "single \"quoted\"", "back\\slash" }, File.ReadAllLines(_aws.At("arguments")));
    }

    [TestMethod]
    public async Task A_session_and_an_end_are_left_out_where_there_is_none() =>
        Assert.AreEqual(("lasting", null), await UsedAsync($$"""echo '{"Version":1,"AccessKeyId":"lasting","SecretAccessKey":"{{AwsFixture.Secret}}"}'"""));

    [TestMethod]
    [DataRow("echo {}", "another version than 1")]
    [DataRow("""echo '{"Version":2}'""", "another version than 1")]
    [DataRow("""echo '{"Version":1,"AccessKeyId":"a"}'""", "'SecretAccessKey'")]
    [DataRow("""echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"SECRET","Expiration":"2020-01-01T00:00:00Z"}'""", "have expired")]
    [DataRow("""echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"SECRET","Expiration":"soon"}'""", "have expired")]
    [DataRow("echo SECRET", "something else than JSON")]
    [DataRow("echo SECRET >&2; exit 7", "ended with 7")]
    [DataRow("yes SECRET", "more than 65536 characters")]
    public async Task What_is_no_answer_is_said_without_its_words(string script, string reason)
    {
        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => UsedAsync(script.Replace("SECRET", AwsFixture.Secret, StringComparison.Ordinal)));
        StringAssert.Contains(thrown.Message, reason);
        Assert.DoesNotContain(AwsFixture.Secret, thrown.ToString());
    }

    [TestMethod]
    [DataRow("a  b\tc", false, "a|b|c")]
    [DataRow("\"a b\"c ''", false, "a bc|")]
    [DataRow(@"a\ b 'c\d' ""e\f\""""", false, @"a b|c\d|e\f""")]
    [DataRow(@"""C:\Program Files\a.exe"" 'b c'", true, @"C:\Program Files\a.exe|'b|c'")]
    [DataRow("'a", false, "")]
    [DataRow("  ", false, "")]
    public void A_command_is_taken_apart_as_the_platform_writes_it(string command, bool windows, string words) =>
        Assert.AreEqual(words, string.Join('|', AwsCredentialProcess.Split(command, windows)));

    private Task<(string AccessKey, string? Session)> UsedAsync(string script, string arguments = "")
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("The program is a script of sh.");
        }

        var environment = _aws.Files($"[profile p]\ncredential_process = /bin/sh \"{_aws.Write("of mine.sh", script)}\"{arguments}\n", "");
        environment["AWS_PROFILE"] = "p";
        return _aws.UsedAsync(environment);
    }
}
