using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Publishing;

/// <summary>The signing half of a publish. Keys are opened, or the certificate fetched, before anything is vetted or delivered, so that a missing one stops the publish early.</summary>
internal sealed class Signing : IDisposable
{
    private readonly ImageSigning? _sigstore;
    private readonly NotationSigning? _notation;
    private readonly IReadOnlyList<string> _formats;
    private readonly string _whyNot;

    private Signing(ImageSigning? sigstore, NotationSigning? notation, IReadOnlyList<string> formats, string whyNot) => (_sigstore, _notation, _formats, _whyNot) = (sigstore, notation, formats, whyNot);

    public bool IsOn => _sigstore is not null || _notation is not null;

    /// <param name="request">The publish.</param>
    /// <param name="attests">Whether attestations are to be made, which are bundles whatever the signatures are.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="GuardException">A property is wrong, or the key is missing or unusable.</exception>
    public static async Task<Signing> PrepareAsync(PublishRequest request, bool attests, CancellationToken cancellationToken)
    {
        if (request.Sign is not ("auto" or "required" or "false"))
        {
            throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input, $"ContainerBuildGuardSign is '{request.Sign}': set it to auto, required or false.");
        }

        ImageSigner.CheckFormats(request.SignatureFormats, "ContainerBuildGuardSignatureFormats", PublishNotation.Format);
        if (request.Sign == "false")
        {
            return None("switched off");
        }

        var formats = request.SignatureFormats.Remove(PublishNotation.Format);
        var key = request.Key.Length == 0 ? null : request.Key.Contains("://", StringComparison.Ordinal) || Pkcs11Uri.IsUri(request.Key) ? request.Key : Path.GetFullPath(request.Key, request.ProjectDirectory);
        if (formats.Length == request.SignatureFormats.Length)
        {
            return await WithSigstoreAsync(request, key, null, formats, cancellationToken);
        }

        var inRegistry = request.Registry.Length > 0 && request.ArchivePath.Length == 0;
        if (key is null || (!inRegistry && formats.IsEmpty))
        {
            var why = key is null ? "signatures of the Notary Project need a key with a certificate, and ContainerBuildGuardKey names none" : "signatures of the Notary Project are kept in a registry, and this publish goes to none";
            return request.Sign == "required" ? throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, $"ContainerBuildGuardSign is required, and {why}: set it, or change ContainerBuildGuardSignatureFormats.") : None(why);
        }

        var notation = await NotationSigning.OpenAsync(request.Notation.Options(key) with { OpenToken = Tokens(request) }, cancellationToken);
        try
        {
            return formats.IsEmpty && !attests ? new Signing(null, notation, formats, "") : await WithSigstoreAsync(request, key, notation, formats, cancellationToken);
        }
        catch
        {
            notation.Dispose();
            throw;
        }
    }

    /// <summary>Signs the index and every image of it, by digest, in the registry, and attaches what the policy asks for.</summary>
    /// <exception cref="GuardException">CBG3006: the image is there and unsigned; the message says how to sign it.</exception>
    public async Task<string> SignInRegistryAsync(RegistryClient client, PublishRequest request, ImageSet set, PublishAttestations attestations, CancellationToken cancellationToken)
    {
        if (!IsOn)
        {
            return $"Not signed ({_whyNot}).";
        }

        try
        {
            var manifests = set.Manifests.Select(m => m.Descriptor).ToList();
            if (_notation is not null)
            {
                await _notation.SignAsync(client, request.Registry, request.Repository, manifests, cancellationToken);
            }

            if (_sigstore is not null)
            {
                await ImageSigner.SignAsync(client, request.Registry, request.Repository, manifests, _sigstore.Signer, _formats, cancellationToken);
                await AttestAsync(client, request, manifests, _sigstore.Signer, attestations, cancellationToken);
            }
        }
        catch (Exception e) when (e is GuardException or ImageException)
        {
            var image = $"{request.Registry}/{request.Repository}@{set.Root.Digest}";
            string[] kinds = [.. _formats.Count > 0 ? (string[])[""] : [], .. _notation is null ? (string[])[] : [" --notation"]];
            var commands = string.Join(" and ", kinds.Select(k => $"`cbg sign {image}{k}{(request.Key.Length > 0 ? $" --key '{request.Key}'" : "")}`"));
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment,
                $"{e.Message.TrimEnd('.')}. The image {image} is there but unsigned, and no tag was moved to it: publish again, or sign it with {commands} and tag it.", e);
        }

        var said = attestations.Predicates.Count > 0 ? $", with {attestations.Predicates.Count} attestations" : "";
        return $"Signed by {_notation?.Name ?? _sigstore!.Signer.Name} ({string.Join(", ", request.SignatureFormats)}){said}.";
    }

    /// <summary>An engine or archive has no place for signatures: the bundle is written to the report folder.</summary>
    /// <exception cref="GuardException">CBG3006: the image is delivered and unsigned.</exception>
    public async Task<string> SignDetachedAsync(PublishRequest request, ImageSet set, CancellationToken cancellationToken)
    {
        if (_sigstore is null)
        {
            return $"Not signed ({_whyNot}).";
        }

        try
        {
            var bundle = await ImageSigner.SignDetachedAsync(set.Root.Digest, _sigstore.Signer, cancellationToken);
            Directory.CreateDirectory(request.ReportDirectory);
            var path = Path.Combine(request.ReportDirectory, "image.sigstore.json");
            await File.WriteAllBytesAsync(path, bundle, cancellationToken);
            return $"Signed by {_sigstore.Signer.Name} (bundle at {path}).{(_notation is null ? "" : " Not signed for the Notary Project, whose signatures are kept in a registry.")}";
        }
        catch (GuardException e)
        {
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment,
                $"{e.Message.TrimEnd('.')}. The image {set.Root.Digest} is delivered but unsigned: publish again once signing works.", e);
        }
    }

    public void Dispose()
    {
        _sigstore?.Dispose();
        _notation?.Dispose();
    }

    private static async Task<Signing> WithSigstoreAsync(PublishRequest request, string? key, NotationSigning? notation, IReadOnlyList<string> formats, CancellationToken cancellationToken)
    {
        ImageSigning? signing;
        try
        {
            signing = await ImageSigning.OpenAsync(
                new SigningOptions
                {
                    Key = key,
                    OpenToken = Tokens(request),
                    TrustedRootFile = Optional(request.TrustedRoot),
                    SigningConfigFile = Optional(request.SigningConfig),
                },
                cancellationToken);
        }
        catch (GuardException e) when (request.Sign == "auto" && key is null)
        {
            // An identity that nobody asked to sign with and that the instance does not take is no reason to stop a publish, and one to say so.
            return None($"the build's identity cannot be used: {e.Message.TrimEnd('.')}");
        }

        return signing is null && request.Sign == "required"
            ? throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input,
                "ContainerBuildGuardSign is required, no key is named and the build environment gives no identity: set ContainerBuildGuardKey to a key file, env://NAME or a key service (`cbg keys generate` makes a pair), or give the job the right to an identity token.")
            : new Signing(signing, notation, formats, "no key, no identity");
    }

    private static Func<string, CancellationToken, Task<ISigner>> Tokens(PublishRequest request) =>
        (reference, token) => ToolSigner.OpenAsync(request.Tool, reference, Environment.GetEnvironmentVariable, Afterwards(request), token);

    private async Task AttestAsync(RegistryClient client, PublishRequest request, List<Descriptor> manifests, BundleSigner signer, PublishAttestations attestations, CancellationToken cancellationToken)
    {
        // The Notary Project has no attestations: beside its signatures they are bundles by the same key.
        IReadOnlyList<string> formats = _formats.Count > 0 ? _formats : ["bundle"];
        foreach (var (predicateType, predicate) in attestations.Predicates)
        {
            foreach (var manifest in manifests)
            {
                await ImageSigner.AttestAsync(client, request.Registry, request.Repository, manifest, signer, predicateType, predicate.DeepClone(), formats, cancellationToken);
            }
        }
    }

    private static Signing None(string why) => new(null, null, [], why);

    private static string Afterwards(PublishRequest request) => request.Registry.Length > 0
        ? $"publish with ContainerBuildGuardSign=false and sign what was delivered: `cbg sign {request.Registry}/{request.Repository}:{request.Tags.FirstOrDefault("latest")} --key '{request.Key}'`"
        : $"publish with ContainerBuildGuardSign=false and sign what was delivered: `cbg sign IMAGE --bundle FILE --key '{request.Key}'`";

    private static string? Optional(string path) => path.Length == 0 ? null : path;
}
