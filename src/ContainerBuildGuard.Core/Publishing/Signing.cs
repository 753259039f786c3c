using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Publishing;

/// <summary>The signing half of a publish. The key is loaded before anything is vetted or delivered, so that a missing one stops the publish early.</summary>
internal sealed class Signing : IDisposable
{
    private readonly SigningKey? _key;
    private readonly string _keyName;

    private Signing(SigningKey? key, string keyName) => (_key, _keyName) = (key, keyName);

    /// <exception cref="GuardException">A property is wrong, or the key is missing or unusable.</exception>
    public static Signing Prepare(PublishRequest request)
    {
        if (request.Sign is not ("auto" or "required" or "false"))
        {
            throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input, $"ContainerBuildGuardSign is '{request.Sign}': set it to auto, required or false.");
        }

        ImageSigner.CheckFormats(request.SignatureFormats, "ContainerBuildGuardSignatureFormats");
        if (request.Sign == "false" || (request.Sign == "auto" && request.Key.Length == 0))
        {
            return new Signing(null, "");
        }

        if (request.Key.Length == 0)
        {
            throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, "ContainerBuildGuardSign is required and no key is named: set ContainerBuildGuardKey to a key file or env://NAME (`cbg keys generate` makes a pair).");
        }

        var reference = request.Key.Contains("://", StringComparison.Ordinal) ? request.Key : Path.GetFullPath(request.Key, request.ProjectDirectory);
        return new Signing(SigningKeys.LoadPrivate(reference), request.Key);
    }

    /// <summary>Signs the index and every image of it, by digest, in the registry.</summary>
    public async Task<string> SignInRegistryAsync(RegistryClient client, PublishRequest request, ImageSet set, CancellationToken cancellationToken)
    {
        if (_key is null)
        {
            return "Not signed (no key).";
        }

        await ImageSigner.SignAsync(client, request.Registry, request.Repository, set.Manifests.Select(m => m.Descriptor), _key, request.SignatureFormats, cancellationToken);
        return $"Signed by {_keyName} ({string.Join(", ", request.SignatureFormats)}).";
    }

    /// <summary>An engine or archive has no place for signatures: the bundle is written to the report folder.</summary>
    public async Task<string> SignDetachedAsync(PublishRequest request, ImageSet set, CancellationToken cancellationToken)
    {
        if (_key is null)
        {
            return "Not signed (no key).";
        }

        Directory.CreateDirectory(request.ReportDirectory);
        var path = Path.Combine(request.ReportDirectory, "image.sigstore.json");
        await File.WriteAllBytesAsync(path, ImageSigner.SignDetached(set.Root.Digest, _key), cancellationToken);
        return $"Signed by {_keyName} (bundle at {path}).";
    }

    public void Dispose() => _key?.Dispose();
}
