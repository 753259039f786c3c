using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Publishing;

/// <summary>The signing half of a publish. The key is opened, or the certificate fetched, before anything is vetted or delivered, so that a missing one stops the publish early.</summary>
internal sealed class Signing : IDisposable
{
    private readonly ImageSigning? _signing;
    private readonly string _whyNot;

    private Signing(ImageSigning? signing, string whyNot) => (_signing, _whyNot) = (signing, whyNot);

    public bool IsOn => _signing is not null;

    /// <exception cref="GuardException">A property is wrong, or the key is missing or unusable.</exception>
    public static async Task<Signing> PrepareAsync(PublishRequest request, CancellationToken cancellationToken)
    {
        if (request.Sign is not ("auto" or "required" or "false"))
        {
            throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input, $"ContainerBuildGuardSign is '{request.Sign}': set it to auto, required or false.");
        }

        ImageSigner.CheckFormats(request.SignatureFormats, "ContainerBuildGuardSignatureFormats");
        if (request.Sign == "false")
        {
            return new Signing(null, "switched off");
        }

        var key = request.Key.Length == 0 ? null : request.Key.Contains("://", StringComparison.Ordinal) || Pkcs11Uri.IsUri(request.Key) ? request.Key : Path.GetFullPath(request.Key, request.ProjectDirectory);
        ImageSigning? signing;
        try
        {
            signing = await ImageSigning.OpenAsync(
                new SigningOptions
                {
                    Key = key,
                    OpenToken = (reference, token) => ToolSigner.OpenAsync(request.Tool, reference, Environment.GetEnvironmentVariable, Afterwards(request), token),
                    TrustedRootFile = Optional(request.TrustedRoot),
                    SigningConfigFile = Optional(request.SigningConfig),
                },
                cancellationToken);
        }
        catch (GuardException e) when (request.Sign == "auto" && key is null)
        {
            // An identity that nobody asked to sign with and that the instance does not take is no reason to stop a publish, and one to say so.
            return new Signing(null, $"the build's identity cannot be used: {e.Message.TrimEnd('.')}");
        }

        return signing is null && request.Sign == "required"
            ? throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input,
                "ContainerBuildGuardSign is required, no key is named and the build environment gives no identity: set ContainerBuildGuardKey to a key file, env://NAME or a key service (`cbg keys generate` makes a pair), or give the job the right to an identity token.")
            : new Signing(signing, "no key, no identity");
    }

    /// <summary>Signs the index and every image of it, by digest, in the registry, and attaches what the policy asks for.</summary>
    /// <exception cref="GuardException">CBG3006: the image is there and unsigned; the message says how to sign it.</exception>
    public async Task<string> SignInRegistryAsync(RegistryClient client, PublishRequest request, ImageSet set, PublishAttestations attestations, CancellationToken cancellationToken)
    {
        if (_signing is null)
        {
            return $"Not signed ({_whyNot}).";
        }

        try
        {
            var manifests = set.Manifests.Select(m => m.Descriptor).ToList();
            await ImageSigner.SignAsync(client, request.Registry, request.Repository, manifests, _signing.Signer, request.SignatureFormats, cancellationToken);
            foreach (var (predicateType, predicate) in attestations.Predicates)
            {
                foreach (var manifest in manifests)
                {
                    await ImageSigner.AttestAsync(client, request.Registry, request.Repository, manifest, _signing.Signer, predicateType, predicate.DeepClone(), request.SignatureFormats, cancellationToken);
                }
            }
        }
        catch (Exception e) when (e is GuardException or ImageException)
        {
            var key = request.Key.Length > 0 ? $" --key '{request.Key}'" : "";
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment,
                $"{e.Message.TrimEnd('.')}. The image {request.Registry}/{request.Repository}@{set.Root.Digest} is there but unsigned, and no tag was moved to it: publish again, or sign it with `cbg sign {request.Registry}/{request.Repository}@{set.Root.Digest}{key}` and tag it.", e);
        }

        var said = attestations.Predicates.Count > 0 ? $", with {attestations.Predicates.Count} attestations" : "";
        return $"Signed by {_signing.Signer.Name} ({string.Join(", ", request.SignatureFormats)}){said}.";
    }

    /// <summary>An engine or archive has no place for signatures: the bundle is written to the report folder.</summary>
    /// <exception cref="GuardException">CBG3006: the image is delivered and unsigned.</exception>
    public async Task<string> SignDetachedAsync(PublishRequest request, ImageSet set, CancellationToken cancellationToken)
    {
        if (_signing is null)
        {
            return $"Not signed ({_whyNot}).";
        }

        try
        {
            var bundle = await ImageSigner.SignDetachedAsync(set.Root.Digest, _signing.Signer, cancellationToken);
            Directory.CreateDirectory(request.ReportDirectory);
            var path = Path.Combine(request.ReportDirectory, "image.sigstore.json");
            await File.WriteAllBytesAsync(path, bundle, cancellationToken);
            return $"Signed by {_signing.Signer.Name} (bundle at {path}).";
        }
        catch (GuardException e)
        {
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment,
                $"{e.Message.TrimEnd('.')}. The image {set.Root.Digest} is delivered but unsigned: publish again once signing works.", e);
        }
    }

    public void Dispose() => _signing?.Dispose();

    private static string Afterwards(PublishRequest request) => request.Registry.Length > 0
        ? $"publish with ContainerBuildGuardSign=false and sign what was delivered: `cbg sign {request.Registry}/{request.Repository}:{request.Tags.FirstOrDefault("latest")} --key '{request.Key}'`"
        : $"publish with ContainerBuildGuardSign=false and sign what was delivered: `cbg sign IMAGE --bundle FILE --key '{request.Key}'`";

    private static string? Optional(string path) => path.Length == 0 ? null : path;
}
