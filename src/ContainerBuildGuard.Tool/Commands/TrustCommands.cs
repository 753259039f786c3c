using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg sign | verify | keys generate</c></summary>
internal static class TrustCommands
{
    private static readonly Argument<string> Image = new("IMAGE") { Description = "registry/repo:tag or registry/repo@sha256:…" };

    public static Command Sign()
    {
        var key = Key("The private key: a file or env://NAME of a variable that holds the PEM.");
        var formats = new Option<string>("--signature-formats") { Description = "bundle, legacy, or both separated by ';'.", DefaultValueFactory = _ => "bundle" };
        var command = new TeachingCommand("sign", "Sign an image in a registry, every platform of it, by digest.", "cbg sign registry.example.com/app:1.0 --key cbg.key") { Image, key, formats };
        command.SetAction((parsed, cancellationToken) => GuardedAsync(async () =>
        {
            var reference = ImageReference.Parse(parsed.GetRequiredValue(Image));
            var names = parsed.GetRequiredValue(formats).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            ImageSigner.CheckFormats(names, "--signature-formats");
            using var signer = SigningKeys.LoadPrivate(parsed.GetRequiredValue(key));
            await using var set = await ImageSource.OpenAsync(reference.ToString(), new ImageSourceOptions(), cancellationToken);
            using var client = new RegistryClient(new RegistryClientOptions());
            await ImageSigner.SignAsync(client, reference.Registry, reference.Repository, set.Manifests.Select(m => m.Descriptor), signer, names, cancellationToken);
            await ResultOutput.WriteAsync($"signed {reference.Registry}/{reference.Repository}@{set.Root.Digest} ({string.Join(", ", names)})\n", null, cancellationToken);
            return ExitCode.Passed;
        }));
        return command;
    }

    public static Command Verify()
    {
        var key = Key("The public key of whoever signs: a file or env://NAME.");
        var command = new TeachingCommand("verify", "Verify that an image is signed by a key. Prints the digest that was verified: use the image by that digest.", "cbg verify registry.example.com/app:1.0 --key cbg.pub") { Image, key };
        command.SetAction((parsed, cancellationToken) => GuardedAsync(async () =>
        {
            var reference = ImageReference.Parse(parsed.GetRequiredValue(Image));
            using var verifier = SigningKeys.LoadPublic(parsed.GetRequiredValue(key));
            using var client = new RegistryClient(new RegistryClientOptions());
            switch (await ImageVerifier.VerifyAsync(client, reference, verifier, cancellationToken))
            {
                case VerifiedImage verified:
                    await ResultOutput.WriteAsync($"verified {reference.Registry}/{reference.Repository}@{verified.Digest} ({verified.Format}, key {verified.KeyId})\n", null, cancellationToken);
                    return ExitCode.Passed;
                case RefusedImage refused:
                    await Console.Error.WriteLineAsync(Printable.OneLine($"error {refused.Rule.Code}: {reference} ({refused.Digest}) is refused: {string.Join("; ", refused.Reasons)}."));
                    return ExitCode.Refused;
                default:
                    throw new InvalidOperationException("An outcome is verified or refused.");
            }
        }));
        return command;
    }

    public static Command Keys()
    {
        var prefix = new Option<string>("--output-key-prefix") { Description = "Files PREFIX.key and PREFIX.pub.", DefaultValueFactory = _ => "cbg" };
        var generate = new TeachingCommand("generate", "Make an ECDSA P-256 key pair. The private key is encrypted where CONTAINERBUILDGUARD_KEY_PASSWORD or COSIGN_PASSWORD is set.", "cbg keys generate --output-key-prefix release") { prefix };
        generate.SetAction(async (parsed, cancellationToken) =>
        {
            var (privatePath, publicPath, encrypted) = SigningKeys.Generate(parsed.GetRequiredValue(prefix));
            await ResultOutput.WriteAsync($"{privatePath} (private, {(encrypted ? "encrypted" : "not encrypted: set CONTAINERBUILDGUARD_KEY_PASSWORD to encrypt")})\n{publicPath} (public)\n", null, cancellationToken);
            return ExitCode.Passed;
        });
        return new TeachingCommand("keys", "Signing keys.", "cbg keys generate") { generate };
    }

    private static Option<string> Key(string description) => new("--key") { Description = description, Required = true, HelpName = "KEY" };

    private static async Task<int> GuardedAsync(Func<Task<int>> action)
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
