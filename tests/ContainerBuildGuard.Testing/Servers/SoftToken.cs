namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A PKCS #11 token in a folder: SoftHSM, with keys that OpenSC's own tool makes in it.</summary>
public sealed class SoftToken : IDisposable
{
    public const string Label = "cbg test";
    private const string Pin = "4321";
    private const string PinVariable = "CBG_TEST_PIN";
    private static readonly string[] Folders = ["/usr/lib/softhsm", "/usr/lib/x86_64-linux-gnu/softhsm", "/usr/lib/aarch64-linux-gnu/softhsm"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-token-");

    private SoftToken()
    {
    }

    public static string? Module { get; } = Folders.Select(f => Path.Combine(f, "libsofthsm2.so")).FirstOrDefault(File.Exists);

    /// <summary>What a process needs to see the token, and its PIN in a variable.</summary>
    public Dictionary<string, string?> Environment => new() { ["SOFTHSM2_CONF"] = At("softhsm2.conf"), [PinVariable] = Pin };

    /// <summary>A file with the PIN and a line break.</summary>
    public string PinFile => At("pin");

    /// <summary>The token, or null where SoftHSM or OpenSC is not installed.</summary>
    /// <param name="keys">A label and a kind of OpenSC's for each key: <c>EC:prime256v1</c>, <c>rsa:2048</c>. Identifiers count from 01.</param>
    public static async Task<SoftToken?> CreateAsync(params (string Label, string Kind)[] keys)
    {
        if (Module is null || !ProcessRunner.Exists("softhsm2-util") || !ProcessRunner.Exists("pkcs11-tool"))
        {
            return null;
        }

        var token = new SoftToken();
        Directory.CreateDirectory(token.At("tokens"));
        await File.WriteAllTextAsync(token.At("softhsm2.conf"), $"directories.tokendir = {token.At("tokens")}\nobjectstore.backend = file\nlog.level = ERROR\n");
        await File.WriteAllTextAsync(token.PinFile, Pin + "\n");
        await token.RunAsync("softhsm2-util", "--init-token", "--free", "--label", Label, "--so-pin", "12345678", "--pin", Pin);
        foreach (var (index, (label, kind)) in keys.Index())
        {
            await token.RunAsync("pkcs11-tool", "--module", Module, "--token-label", Label, "--login", "--pin", Pin, "--keypairgen", "--key-type", kind, "--label", label, "--id", $"{index + 1:x2}");
        }

        return token;
    }

    /// <summary>A key's URI.</summary>
    /// <param name="key">What it is named by: <c>object=release</c>, <c>id=%01</c>.</param>
    /// <param name="pinSource">Where the PIN is; the variable by default.</param>
    public static string Uri(string key, string? pinSource = null) => $"pkcs11:token={Label.Replace(" ", "%20", StringComparison.Ordinal)};{key}?module-path={Module}&pin-source={pinSource ?? $"env:{PinVariable}"}";

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Runs OpenSC's or SoftHSM's tool on the token.</summary>
    public async Task RunAsync(string command, params string[] arguments)
    {
        var result = await ProcessRunner.RunAsync(command, arguments, environment: Environment);
        if (result.ExitCode != 0)
        {
            throw new InvalidOperationException($"{command} ended with {result.ExitCode}: {result.Output}");
        }
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
