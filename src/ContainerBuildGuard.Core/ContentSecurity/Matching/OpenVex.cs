using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One statement of an OpenVEX document that says a product is not affected, or is fixed.</summary>
internal sealed record VexStatement(ImmutableArray<string> Vulnerabilities, ImmutableArray<string> Packages, string Status, string Justification)
{
    /// <summary>Who vouches for it; empty for a document that the user names.</summary>
    public string Signer { get; init; } = "";

    /// <summary>Why the vulnerability does not count for the package; null where the statement is about something else.</summary>
    /// <remarks><c>images</c>: the digests of the image that the package is in.</remarks>
    public string? Accept(Package package, IEnumerable<string> ids, IReadOnlyCollection<string> images) =>
        ids.Intersect(Vulnerabilities, StringComparer.OrdinalIgnoreCase).Any() && Packages.Any(p => IsSame(p, package) || IsImage(p, images))
            ? $"VEX: {Status}{(Justification.Length > 0 ? $" ({Justification})" : "")}{(Signer.Length > 0 ? $", attached to the image and signed by {Signer}" : "")}"
            : null;

    /// <summary>A whole image as the product, by its digest.</summary>
    private static bool IsImage(string stated, IReadOnlyCollection<string> images) => PackageUrl.Parse(stated) is { Type: "oci" } purl && images.Contains(purl.Version);

    /// <summary>A package URL without a version means every version, without qualifiers every build.</summary>
    private static bool IsSame(string stated, Package package) =>
        PackageUrl.Parse(stated) is { } a && PackageUrl.Parse(package.Purl) is { } b
        && a.Type == b.Type && string.Equals(a.Namespace, b.Namespace, StringComparison.OrdinalIgnoreCase) && string.Equals(a.Name, b.Name, StringComparison.OrdinalIgnoreCase)
        && (a.Version.Length == 0 || a.Version == b.Version) && a.Qualifiers.All(q => b.Qualifiers.GetValueOrDefault(q.Key) == q.Value);
}

/// <summary>Reads OpenVEX documents (specification 0.2.0).</summary>
internal static class OpenVex
{
    private const int MaxBytes = 64 << 20;

    /// <exception cref="GuardException">CBG9009: not there, or no OpenVEX document.</exception>
    public static ImmutableArray<VexStatement> Load(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new JsonException($"it has more than {MaxBytes >> 20} MiB");
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return Parse(json.RootElement, "");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException or KeyNotFoundException)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"The VEX document '{path}' cannot be used ({e.Message.TrimEnd('.')}): name an OpenVEX JSON file.", e) { File = path };
        }
    }

    /// <summary>Reads a document that is attached to an image.</summary>
    /// <exception cref="JsonException">No OpenVEX document.</exception>
    public static ImmutableArray<VexStatement> Parse(AttachedVexDocument attached) =>
        [.. Parse(attached.Document, attached.Subject).Select(s => s with { Signer = attached.Signer })];

    /// <remarks><c>subject</c>: the digest of the image that an attestation is about, which is the product where a statement names none; empty outside attestations.</remarks>
    private static ImmutableArray<VexStatement> Parse(JsonElement root, string subject)
    {
        if (root.ValueKind != JsonValueKind.Object || !Text(root, "@context").Contains("openvex", StringComparison.OrdinalIgnoreCase))
        {
            throw new JsonException("it is no OpenVEX document");
        }

        return [.. root.GetProperty("statements").EnumerateArray().Select(s => Statement(s, subject)).OfType<VexStatement>()];
    }

    private static VexStatement? Statement(JsonElement statement, string subject)
    {
        var status = Text(statement, "status");
        if (status is not ("not_affected" or "fixed"))
        {
            return status is "affected" or "under_investigation" ? null : throw new JsonException($"a statement has the status '{status}'");
        }

        var vulnerability = statement.GetProperty("vulnerability");
        // Before 0.2.0 the vulnerability was its name alone.
        string[] names = vulnerability.ValueKind == JsonValueKind.String ? [vulnerability.GetString()!]
            : [Text(vulnerability, "name"), .. vulnerability.TryGetProperty("aliases", out var aliases) ? aliases.EnumerateArray().Select(a => a.GetString() ?? "") : []];
        var justification = Text(statement, "justification");
        if (status == "not_affected" && justification.Length == 0 && Text(statement, "impact_statement").Length == 0)
        {
            throw new JsonException("a statement says not_affected without a justification or an impact statement");
        }

        string[] products = [.. Products(statement)];
        return new([.. names.Where(n => n.Length > 0)], products is [] && subject.Length > 0 ? [$"pkg:oci/image@{subject}"] : [.. products], status, justification.Length > 0 ? justification : Text(statement, "impact_statement"));
    }

    /// <summary>The packages meant: the subcomponents where the product (an image) has any, else the products.</summary>
    private static IEnumerable<string> Products(JsonElement statement)
    {
        foreach (var product in statement.TryGetProperty("products", out var products) ? products.EnumerateArray() : default)
        {
            var parts = product.ValueKind == JsonValueKind.Object && product.TryGetProperty("subcomponents", out var subcomponents) ? subcomponents.EnumerateArray().ToList() : [];
            foreach (var part in parts.Count > 0 ? parts : [product])
            {
                yield return part.ValueKind == JsonValueKind.String ? part.GetString()!
                    : Text(part, "@id") is { Length: > 0 } id && id.StartsWith("pkg:", StringComparison.Ordinal) ? id
                    : part.TryGetProperty("identifiers", out var identifiers) ? Text(identifiers, "purl") : "";
            }
        }
    }

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
