using System.CommandLine;
using System.Diagnostics;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Tool.Pkcs11;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary>What signing and verifying have in common on the command line.</summary>
internal static class SigningSettings
{
    public static Argument<string> Image { get; } = new("IMAGE") { Description = "registry/repo:tag or registry/repo@sha256:…; with --bundle also an archive, layout or engine image" };

    public static Option<string?> PrivateKey { get; } = new("--key") { Description = "The private key: a file, env://NAME, awskms://…, azurekms://…, or pkcs11:… for one on a token. Without one the build environment's identity signs.", HelpName = "KEY" };

    public static Option<string?> IdentityToken { get; } = new("--identity-token-file") { Description = "A file with the identity token to sign with.", HelpName = "FILE" };

    public static Option<string?> SignIn { get; } = new("--sign-in") { Description = "Sign in as a person and sign with that identity: browser (on this machine) or device (a code, entered anywhere).", HelpName = "browser|device" };

    public static Option<string?> TrustedRoot { get; } = new("--trusted-root") { Description = "A trusted root or client trust configuration of a Sigstore instance, or staging for Sigstore's own; the public-good one by default.", HelpName = "FILE|staging" };

    public static Option<string?> SigningConfig { get; } = new("--signing-config") { Description = "Where to sign; with a key, its signatures are put into the logs that this names.", HelpName = "FILE" };

    public static Option<string> SignatureFormats { get; } = new("--signature-formats") { Description = "bundle, legacy, or both separated by ';'.", DefaultValueFactory = _ => "bundle" };

    public static IReadOnlyList<string> Formats(this ParseResult parsed, Option<string> option)
    {
        var formats = parsed.GetRequiredValue(option).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        ImageSigner.CheckFormats(formats, option.Name);
        return formats;
    }

    /// <exception cref="GuardException">There is nothing to sign with.</exception>
    public static async Task<ImageSigning> OpenSigningAsync(this ParseResult parsed, CancellationToken cancellationToken) =>
        await ImageSigning.OpenAsync(new SigningOptions
        {
            Key = parsed.GetValue(PrivateKey),
            OpenToken = TokenSigner.OpenAsync,
            IdentityTokenFile = parsed.GetValue(IdentityToken),
            SignIn = SignInAs(parsed.GetValue(SignIn)),
            TrustedRootFile = parsed.GetValue(TrustedRoot),
            SigningConfigFile = parsed.GetValue(SigningConfig),
        }, cancellationToken)
        ?? throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, "There is nothing to sign with: name a key with --key, or run where the environment gives an identity token.");

    private static Func<InteractiveIdentity, CancellationToken, Task<IdentityToken>>? SignInAs(string? how) => how switch
    {
        null => null,
        "browser" => (identity, cancellationToken) => identity.WithBrowserAsync(OpenBrowser, cancellationToken),
        "device" => (identity, cancellationToken) => identity.WithDeviceAsync((address, code) => Console.Error.WriteLine($"Open {address} and enter the code {Printable.OneLine(code)}"), cancellationToken),
        _ => throw new GuardException("CBG9009", GuardFailure.Input, $"--sign-in is '{how}': use browser or device."),
    };

    private static void OpenBrowser(Uri address)
    {
        Console.Error.WriteLine($"Sign in at {address}");
        try
        {
            using var browser = Process.Start(new ProcessStartInfo(address.AbsoluteUri) { UseShellExecute = true });
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or InvalidOperationException or PlatformNotSupportedException)
        {
            // No browser that could be started: the address stands above.
        }
    }

    public static async Task<int> GuardedAsync(Func<Task<int>> action)
    {
        try
        {
            return await action();
        }
        catch (ImageException e)
        {
            throw e.ToGuardException();
        }
    }
}
