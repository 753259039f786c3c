using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Deploying;
using ContainerBuildGuard.HardenedConfiguration.Deployments;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>How the verification of a deployment is written.</summary>
internal static class DeploymentOutput
{
    public static string Table(DeploymentVerificationResult result)
    {
        var text = new StringBuilder();
        foreach (var (image, verification, _) in result.Images.Where(i => i.Verification is { Failures.IsEmpty: true }))
        {
            var word = verification!.Verified ? "verified" : "not verified, by the trust policy:";
            text.Append(Printable.OneLine($"{word} {Place(image)} {Pinned(image.Name, verification.Digest.ToString())}")).Append('\n');
        }

        foreach (var file in result.Pinned)
        {
            text.Append(Printable.OneLine($"pinned {file.Path}: {file.Edits} images")).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>What goes to standard error: what is refused, what could not be looked at, what is left to do by hand.</summary>
    public static IEnumerable<string> Errors(DeploymentVerificationResult result) =>
    [
        .. result.Images.SelectMany(i => (i.Verification is { } v ? VerificationOutput.Errors(v) : [$"error {i.Error!.Code}: {i.Image.Name}: {i.Error.Message}"]).Select(line => $"{Place(i.Image)} {line}")),
        .. result.Unread.Select(u => $"error {PolicyRules.NotChecked.Code}: not verified: {u}."),
        .. result.ByHand.Select(i => $"warning: {Place(i)} {i.Name} is made from variables or stands elsewhere: pin it by hand."),
    ];

    public static string Json(DeploymentVerificationResult result) => JsonOutput.ToText(new JsonObject
    {
        ["schemaVersion"] = 1,
        ["verdict"] = result.IsRefused ? "refused" : result.IsComplete ? "passed" : "unfinished",
        ["images"] = new JsonArray([.. result.Images.Select(i => new JsonObject
        {
            ["name"] = i.Image.Name,
            ["container"] = i.Image.Container,
            ["file"] = i.Image.File,
            ["line"] = i.Image.Line,
            ["column"] = i.Image.Column,
            ["verification"] = i.Verification is { } verification ? VerificationOutput.Document(verification, "") : null,
            ["error"] = i.Error is { } error ? new JsonObject { ["code"] = error.Code, ["message"] = error.Message } : null,
        })]),
        ["unread"] = new JsonArray([.. result.Unread.Select(u => (JsonNode)u)]),
        ["pinned"] = new JsonArray([.. result.Pinned.Select(f => (JsonNode)f.Path)]),
    });

    private static string Place(DeployedImage image) => FormattableString.Invariant($"{image.File}({image.Line},{image.Column}):");

    private static string Pinned(string name, string digest) => name.Contains('@', StringComparison.Ordinal) ? name : $"{name}@{digest}";
}
