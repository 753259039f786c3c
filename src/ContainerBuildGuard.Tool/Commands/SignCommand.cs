using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg sign</c></summary>
internal static class SignCommand
{
    public static Command Create()
    {
        var command = new TeachingCommand(
            "sign",
            "Sign an image in a registry, every platform of it, by digest.",
            "cbg sign registry.example.com/app:1.0 --key cbg.key",
            "cbg sign registry.example.com/app:1.0 --key awskms:///alias/release",
            "cbg sign registry.example.com/app:1.0          # with the build's own identity")
        {
            SigningSettings.Image, SigningSettings.PrivateKey, SigningSettings.IdentityToken, SigningSettings.TrustedRoot, SigningSettings.SigningConfig, SigningSettings.SignatureFormats,
        };
        command.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(async () =>
        {
            var reference = ImageReference.Parse(parsed.GetRequiredValue(SigningSettings.Image));
            var formats = parsed.Formats(SigningSettings.SignatureFormats);
            using var signing = await parsed.OpenSigningAsync(cancellationToken);
            await using var set = await ImageSource.OpenAsync(reference.ToString(), new ImageSourceOptions(), cancellationToken);
            using var client = new RegistryClient(new RegistryClientOptions());
            await ImageSigner.SignAsync(client, reference.Registry, reference.Repository, set.Manifests.Select(m => m.Descriptor), signing.Signer, formats, cancellationToken);
            await ResultOutput.WriteAsync($"signed {reference.Registry}/{reference.Repository}@{set.Root.Digest} ({string.Join(", ", formats)}) by {signing.Signer.Name}\n", null, cancellationToken);
            return ExitCode.Passed;
        }));
        return command;
    }
}
