using System.CommandLine;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg trust migrate</c></summary>
internal static class TrustCommand
{
    private static readonly Argument<string> Repository = new("REPOSITORY") { Description = "registry/repo; with a tag, that tag alone" };
    private static readonly Option<string[]> Tag = new("--tag") { Description = "Only this tag; again for more. Every signed one by default.", HelpName = "TAG" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Verify and report, write nothing; needs no key." };
    private static readonly Option<bool> AcceptExpired = new("--accept-expired") { Description = "Take trust data past its end for what it was; the attestation and the report say so." };
    private static readonly Option<string> OutputFormat = SharedOptions.Format("table", "json");

    public static Command Create()
    {
        var migrate = new TeachingCommand(
            "migrate",
            "Sign anew what Docker Content Trust signed: verify its data, check that the registry serves the same digests, write signatures of Sigstore (or, with --notation, of the Notary Project) and an attestation of what they rest on.",
            "cbg trust migrate registry.example.com/app --dry-run",
            "cbg trust migrate registry.example.com/app --key cbg.key",
            "cbg trust migrate registry.example.com/app --notation --key release.p12",
            "cbg trust migrate docker.io/acme/app --tag 1.0 --accept-expired --key cbg.key --format json --output migration.json")
        {
            Repository, Tag, DryRun, AcceptExpired, DctSettings.Server, DctSettings.Signer, DctSettings.RootKey,
            SigningSettings.PrivateKey, SigningSettings.IdentityToken, SigningSettings.SignIn, SigningSettings.TrustedRoot, SigningSettings.SigningConfig, SigningSettings.SignatureFormats,
            SharedOptions.Policy, OutputFormat, SharedOptions.Output,
        };
        migrate.AddForSigning();
        migrate.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(() => MigrateAsync(parsed, cancellationToken)));
        return new TeachingCommand("trust", "Moving from one kind of content trust to another.", "cbg trust migrate registry.example.com/app --dry-run") { migrate };
    }

    private static async Task<int> MigrateAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var text = parsed.GetRequiredValue(Repository);
        var image = ImageReference.Parse(text);
        var policy = parsed.LoadPolicy();
        string[] tags = [.. parsed.GetValue(Tag) ?? [], .. image.Tag is { } tag && text.EndsWith($":{tag}", StringComparison.Ordinal) ? [tag] : (string[])[]];
        var trust = DctSettings.Trust(parsed, policy.Trust.FirstOrDefault(r => r.Covers($"{image.Registry}/{image.Repository}"))?.Dct ?? new DctTrust());
        var asNotation = parsed.MeansNotation() && !parsed.GetValue(DryRun);
        using var notation = asNotation ? await parsed.OpenNotationSigningAsync(cancellationToken) : null;
        using var signing = parsed.GetValue(DryRun) ? null : await parsed.OpenSigningAsync(cancellationToken);
        var options = new DctMigrationOptions { Tags = [.. tags], AcceptExpired = parsed.GetValue(AcceptExpired), Formats = parsed.Formats(SigningSettings.SignatureFormats), Notation = notation };
        using var client = new RegistryClient(policy.RegistryOptions());
        var report = await DctMigration.RunAsync(client, image, trust, signing?.Signer, options, cancellationToken);
        var result = parsed.GetRequiredValue(OutputFormat) == "json" ? MigrationOutput.Json(report, signing?.Signer.Name) : MigrationOutput.Table(report, signing?.Signer.Name);
        await ResultOutput.WriteAsync(result, parsed.GetValue(SharedOptions.Output), cancellationToken);
        foreach (var error in MigrationOutput.Errors(report))
        {
            await Console.Error.WriteLineAsync(Printable.OneLine(error));
        }

        return report.Complete ? ExitCode.Passed : ExitCode.Refused;
    }
}
