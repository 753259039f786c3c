using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg sign</c></summary>
internal static class SignCommand
{
    public static Command Create()
    {
        var bundle = new Option<string?>("--bundle") { Description = "Write the signature to this file, for an image that is in no registry (archive, layout, engine).", HelpName = "FILE" };
        var dct = new Option<bool>("--dct") { Description = "Sign the tag with Docker Content Trust, by the docker client's own keys, so that docker clients with content trust on can pull it." };
        var keys = new Option<string?>("--dct-keys") { Description = "The trust folder whose private/*.key sign; that of the docker client by default.", HelpName = "FOLDER" };
        var command = new TeachingCommand(
            "sign",
            "Sign an image in a registry, every platform of it, by digest.",
            "cbg sign registry.example.com/app:1.0 --key cbg.key",
            "cbg sign registry.example.com/app:1.0 --key awskms:///alias/release",
            "cbg sign registry.example.com/app:1.0          # with the build's own identity",
            "cbg sign registry.example.com/app:1.0 --notation --key release.p12 --signature-format cose",
            "cbg sign app.tar --bundle app.tar.sigstore.json --key cbg.key",
            "cbg sign registry.example.com/app:1.0 --dct  # as docker trust sign; DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE opens the key")
        {
            SigningSettings.Image, SigningSettings.PrivateKey, SigningSettings.IdentityToken, SigningSettings.SignIn, SigningSettings.TrustedRoot, SigningSettings.SigningConfig, SigningSettings.SignatureFormats, bundle, dct, DctSettings.Server, keys, SharedOptions.Policy,
        };
        command.AddForSigning();
        command.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(async () =>
        {
            var image = parsed.GetRequiredValue(SigningSettings.Image);
            if (parsed.MeansNotation())
            {
                return parsed.GetValue(bundle) is null
                    ? await NotationAsync(parsed, ImageReference.Parse(image), cancellationToken)
                    : throw new GuardException("CBG9009", GuardFailure.Input, "--notation and --bundle exclude each other: such a signature is kept in the image's repository.");
            }

            if (parsed.GetValue(dct))
            {
                return await WithContentTrustAsync(parsed, image, new DctKeyFolder(parsed.GetValue(keys), Environment.GetEnvironmentVariable), parsed.GetValue(bundle) ?? parsed.GetValue(SigningSettings.PrivateKey), cancellationToken);
            }

            DctSettings.RefuseAlone(parsed, keys);
            if (parsed.GetValue(bundle) is { } file)
            {
                return await DetachedAsync(parsed, image, file, cancellationToken);
            }

            var reference = ImageReference.Parse(image);
            var formats = parsed.Formats(SigningSettings.SignatureFormats);
            using var signing = await parsed.OpenSigningAsync(cancellationToken);
            await using var set = await ImageSource.OpenAsync(reference.ToString(), parsed.LoadPolicy().SourceOptions(), cancellationToken);
            using var client = new RegistryClient(parsed.LoadPolicy().RegistryOptions());
            await ImageSigner.SignAsync(client, reference.Registry, reference.Repository, set.Manifests.Select(m => m.Descriptor), signing.Signer, formats, cancellationToken);
            await ResultOutput.WriteAsync($"signed {reference.Registry}/{reference.Repository}@{set.Root.Digest} ({string.Join(", ", formats)}) by {signing.Signer.Name}\n", null, cancellationToken);
            return ExitCode.Passed;
        }));
        return command;
    }

    private static async Task<int> NotationAsync(ParseResult parsed, ImageReference reference, CancellationToken cancellationToken)
    {
        using var signing = await parsed.OpenNotationSigningAsync(cancellationToken);
        await using var set = await ImageSource.OpenAsync(reference.ToString(), parsed.LoadPolicy().SourceOptions(), cancellationToken);
        using var client = new RegistryClient(parsed.LoadPolicy().RegistryOptions());
        await signing.SignAsync(client, reference.Registry, reference.Repository, set.Manifests.Select(m => m.Descriptor), cancellationToken);
        await ResultOutput.WriteAsync($"signed {reference.Registry}/{reference.Repository}@{set.Root.Digest} (notation) by {signing.Name}\n", null, cancellationToken);
        return ExitCode.Passed;
    }

    private static async Task<int> WithContentTrustAsync(ParseResult parsed, string image, DctKeyFolder keys, string? other, CancellationToken cancellationToken)
    {
        if (other is not null)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "--dct signs by the docker client's keys, at a Notary server, and goes with neither --key nor --bundle: run cbg sign twice for both kinds of signature.");
        }

        var policy = parsed.LoadPolicy();
        var reference = ImageReference.Parse(image);
        var trust = policy.Trust.FirstOrDefault(r => r.Covers($"{reference.Registry}/{reference.Repository}"))?.Dct ?? new DctTrust();
        using var client = new RegistryClient(policy.RegistryOptions());
        var signing = await DctSigner.SignAsync(client, reference, DctSettings.Trust(parsed, trust), keys, cancellationToken);
        await ResultOutput.WriteAsync($"{(signing.Published ? "signed" : "was signed already:")} {reference} for {signing.Digest} in {string.Join(", ", signing.Roles)}\n", null, cancellationToken);
        return ExitCode.Passed;
    }

    private static async Task<int> DetachedAsync(ParseResult parsed, string image, string file, CancellationToken cancellationToken)
    {
        using var signing = await parsed.OpenSigningAsync(cancellationToken);
        await using var set = await ImageSource.OpenAsync(image, parsed.LoadPolicy().SourceOptions(), cancellationToken);
        var signature = await ImageSigner.SignDetachedAsync(set.Root.Digest, signing.Signer, cancellationToken);
        await ResultOutput.WriteAsync(System.Text.Encoding.UTF8.GetString(signature), file, cancellationToken);
        await ResultOutput.WriteAsync($"signed {image} ({set.Root.Digest}) by {signing.Signer.Name}\n", null, cancellationToken);
        return ExitCode.Passed;
    }
}
