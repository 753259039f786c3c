using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>How a verification is written.</summary>
internal static class VerificationOutput
{
    public static string Table(ImageVerification verification, string note, string repository)
    {
        if (verification.SkippedBy is { } statement)
        {
            return Printable.OneLine($"not verified {repository}@{verification.Digest}: {statement} says not to look") + "\n";
        }

        if (!verification.Verified)
        {
            return "";
        }

        var text = new StringBuilder($"verified {repository}@{verification.Digest}\n");
        foreach (var signature in verification.Signatures)
        {
            var time = signature.SignedAt is { } at ? string.Create(CultureInfo.InvariantCulture, $", {at:yyyy-MM-dd HH:mm:ss}Z") : "";
            var what = signature.PredicateType == ImageSigner.SignaturePredicate ? "signed" : $"attested {signature.PredicateType}";
            text.Append(Printable.OneLine($"  {signature.Digest} {what} by {signature.Identity} ({signature.Format}{time})")).Append('\n');
        }

        return note.Length > 0 ? text.Append($"  {note}\n").ToString() : text.ToString();
    }

    /// <summary>What goes to standard error: what was refused, and what passed only because the trust policy lets it.</summary>
    public static IEnumerable<string> Errors(ImageVerification verification) =>
        [.. verification.Failures.Select(f => Error(f, verification)), .. verification.Notes.Select(n => $"warning: {verification.Reference}: {n}.")];

    private static string Error(TrustFailure failure, ImageVerification verification)
    {
        var reasons = failure.Reasons.IsEmpty ? "" : $" ({string.Join("; ", failure.Reasons)})";
        return $"error {failure.Rule.Code}: {verification.Reference} ({failure.Digest}) is refused: {failure.What}{reasons}.";
    }

    public static string Json(ImageVerification verification, string note) => JsonOutput.ToText(Document(verification, note));

    public static JsonObject Document(ImageVerification verification, string note) => new()
    {
        ["schemaVersion"] = 1,
        ["reference"] = verification.Reference,
        ["digest"] = verification.Digest.ToString(),
        ["verdict"] = verification.SkippedBy is not null ? "skipped" : verification.Verified ? "passed" : "refused",
        ["trust"] = note,
        ["manifests"] = new JsonArray([.. verification.Manifests.Select(m => (JsonNode)m.ToString())]),
        ["signatures"] = new JsonArray([.. verification.Signatures.Select(s => new JsonObject
        {
            ["digest"] = s.Digest.ToString(),
            ["signer"] = s.Signer,
            ["identity"] = s.Identity,
            ["format"] = s.Format,
            ["predicateType"] = s.PredicateType,
            ["signedAt"] = s.SignedAt is { } at ? Rfc3339.Format(at) : null,
        })]),
        ["notes"] = new JsonArray([.. verification.Notes.Select(n => (JsonNode)n)]),
        ["skippedBy"] = verification.SkippedBy,
        ["failures"] = new JsonArray([.. verification.Failures.Select(f => new JsonObject
        {
            ["code"] = f.Rule.Code,
            ["digest"] = f.Digest.ToString(),
            ["message"] = f.What,
            ["reasons"] = new JsonArray([.. f.Reasons.Select(r => (JsonNode)r)]),
            ["helpUri"] = f.Rule.HelpUri,
        })]),
    };
}
