using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Attesting;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg attest</c></summary>
internal static class AttestCommand
{
    private const int MaxPredicateBytes = 32 << 20;

    public static Command Create()
    {
        var type = new Option<string>("--type") { Description = $"What is said: {string.Join(", ", GuardPredicates.Types)} (made by checking the image), slsa-provenance, openvex, or a predicate type's URI.", Required = true, HelpName = "TYPE" };
        var predicate = new Option<string?>("--predicate") { Description = "The predicate, a JSON file; needed for every type that the guard does not make itself.", HelpName = "FILE" };
        var command = new TeachingCommand(
            "attest",
            "Attach a signed statement to an image in a registry.",
            "cbg attest registry.example.com/app:1.0 --type guard --key cbg.key",
            "cbg attest registry.example.com/app:1.0 --type cyclonedx",
            "cbg attest registry.example.com/app:1.0 --type openvex --predicate app.openvex.json --key cbg.key",
            "cbg attest registry.example.com/app:1.0 --type https://example.com/review/v1 --predicate review.json --key cbg.key")
        {
            SigningSettings.Image, type, predicate, SigningSettings.PrivateKey, SigningSettings.IdentityToken, SigningSettings.SignIn, SigningSettings.TrustedRoot, SigningSettings.SigningConfig, SigningSettings.SignatureFormats,
            SharedOptions.Policy, SharedOptions.FailOnOrPolicy, SharedOptions.Advisories,
        };
        command.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(async () =>
        {
            var reference = ImageReference.Parse(parsed.GetRequiredValue(SigningSettings.Image));
            var formats = parsed.Formats(SigningSettings.SignatureFormats);
            var name = parsed.GetRequiredValue(type);
            if (PredicateTypes.Find(name) is not [var predicateType, ..])
            {
                throw new GuardException("CBG9009", GuardFailure.Input, $"'{name}' is no type of attestation: use one of {string.Join(", ", GuardPredicates.Types)}, slsa-provenance, or a predicate type's URI.");
            }

            using var signing = await parsed.OpenSigningAsync(cancellationToken);
            await using var set = await ImageSource.OpenAsync(reference.ToString(), parsed.LoadPolicy().SourceOptions(), cancellationToken);
            var said = parsed.GetValue(predicate) is { } file ? (predicateType, ReadPredicate(file)) : await CheckedAsync(parsed, set, name, cancellationToken);
            using var client = new RegistryClient(parsed.LoadPolicy().RegistryOptions());
            await ImageSigner.AttestAsync(client, reference.Registry, reference.Repository, set.Root, signing.Signer, said.Item1, said.Item2, formats, cancellationToken);
            await ResultOutput.WriteAsync($"attested {reference.Registry}/{reference.Repository}@{set.Root.Digest}: {said.Item1} by {signing.Signer.Name}\n", null, cancellationToken);
            return ExitCode.Passed;
        }));
        return command;
    }

    private static async Task<(string PredicateType, JsonNode Predicate)> CheckedAsync(ParseResult parsed, ImageSet set, string type, CancellationToken cancellationToken)
    {
        if (!GuardPredicates.Types.Contains(type))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"The guard does not make attestations of the type '{type}' itself: name the predicate's file with --predicate.");
        }

        var result = await Guard.CheckAsync(set, new GuardRequest { Policy = parsed.LoadPolicy(), AdvisoriesPath = parsed.GetValue(SharedOptions.Advisories) ?? "" }, cancellationToken);
        return await GuardPredicates.OfAsync(type, result, TimeProvider.System.GetUtcNow(), cancellationToken);
    }

    private static JsonObject ReadPredicate(string file)
    {
        try
        {
            return new FileInfo(file).Length <= MaxPredicateBytes && JsonNode.Parse(File.ReadAllBytes(file)) is JsonObject predicate
                ? predicate
                : throw new GuardException("CBG9009", GuardFailure.Input, $"The predicate '{file}' is no JSON object of at most {MaxPredicateBytes} bytes.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"The predicate '{file}' cannot be read as JSON ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
