using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// The shapes that the JSON schema of SPDX 2.3 (spdx/spdx-spec, schemas/spdx-schema.json) gives the objects that the guard writes: their members, which are required, and what values they may
/// have. No package registry carries that schema (CycloneDX's own packages have SPDX's licence list, and cdxgen the schema of SPDX 3), so its facts stand here;
/// members that only other writers use are left out of the objects and would be reported as unknown.
/// </summary>
internal static class SpdxShape
{
    private static readonly FrozenDictionary<string, Member[]> Shapes = new Dictionary<string, Member[]>
    {
        ["document"] =
        [
            new("SPDXID", true), new("creationInfo", true, Of: "creationInfo"), new("dataLicense", true), new("name", true), new("spdxVersion", true), new("documentNamespace", true),
            new("comment"), new("packages", Of: "package", IsList: true), new("relationships", Of: "relationship", IsList: true), new("hasExtractedLicensingInfos", Of: "license", IsList: true),
        ],
        ["creationInfo"] = [new("created", true, Pattern: Time), new("creators", true, IsList: true), new("comment"), new("licenseListVersion")],
        ["license"] = [new("licenseId", true), new("extractedText", true), new("name"), new("comment"), new("seeAlsos", IsList: true)],
        ["checksum"] = [new("algorithm", true, Pattern: "^(SHA1|SHA224|SHA256|SHA384|SHA512|SHA3-256|SHA3-384|SHA3-512|MD5)$"), new("checksumValue", true, Pattern: "^[0-9a-fA-F]+$")],
        ["reference"] = [new("referenceCategory", true, Pattern: "^(OTHER|PERSISTENT[-_]ID|SECURITY|PACKAGE[-_]MANAGER)$"), new("referenceLocator", true, Pattern: @"^\S+$"), new("referenceType", true), new("comment")],
        ["relationship"] =
        [
            new("spdxElementId", true), new("relatedSpdxElement", true), new("comment"),
            new("relationshipType", true, Pattern: "^(DESCRIBES|CONTAINS|DEPENDS_ON|DESCENDANT_OF|BUILD_DEPENDENCY_OF)$"),
        ],
        ["package"] =
        [
            new("SPDXID", true, Pattern: "^SPDXRef-[a-zA-Z0-9.-]+$"), new("downloadLocation", true), new("name", true), new("versionInfo"), new("comment"), new("sourceInfo"), new("filesAnalyzed", IsBoolean: true),
            new("licenseConcluded"), new("licenseDeclared"), new("supplier"), new("checksums", Of: "checksum", IsList: true), new("externalRefs", Of: "reference", IsList: true),
            new("primaryPackagePurpose", Pattern: "^(OTHER|INSTALL|ARCHIVE|FIRMWARE|APPLICATION|FRAMEWORK|LIBRARY|CONTAINER|SOURCE|DEVICE|OPERATING-SYSTEM|FILE)$"),
        ],
    }.ToFrozenDictionary();

    private const string Time = @"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$";

    /// <summary>What in a document is not as the schema wants it, each with its place.</summary>
    public static List<string> Faults(JsonNode? document)
    {
        var faults = new List<string>();
        Check(document, "document", "$", faults);
        return faults;
    }

    private static void Check(JsonNode? node, string shape, string path, List<string> faults)
    {
        if (node is not JsonObject actual)
        {
            faults.Add($"{path} is no object");
            return;
        }

        var members = Shapes[shape];
        faults.AddRange(members.Where(m => m.IsRequired && !actual.ContainsKey(m.Name)).Select(m => $"{path} lacks {m.Name}"));
        foreach (var (name, value) in actual)
        {
            if (members.FirstOrDefault(m => m.Name == name) is not { } member)
            {
                faults.Add($"{path}.{name} is unknown");
            }
            else if (member.IsList)
            {
                for (var i = 0; i < (value as JsonArray)?.Count; i++)
                {
                    CheckValue(value![i], member, $"{path}.{name}[{i}]", faults);
                }

                if (value is not JsonArray)
                {
                    faults.Add($"{path}.{name} is no list");
                }
            }
            else
            {
                CheckValue(value, member, $"{path}.{name}", faults);
            }
        }
    }

    private static void CheckValue(JsonNode? value, Member member, string path, List<string> faults)
    {
        if (member.Of is { } shape)
        {
            Check(value, shape, path, faults);
        }
        else if (value?.GetValueKind() is not { } kind || (member.IsBoolean ? kind is not (JsonValueKind.True or JsonValueKind.False) : kind is not JsonValueKind.String))
        {
            faults.Add($"{path} is of another type");
        }
        else if (member.Pattern is { } pattern && !Regex.IsMatch((string)value!, pattern))
        {
            faults.Add($"{path} is '{value}'");
        }
    }

    private sealed record Member(string Name, bool IsRequired = false, string? Of = null, bool IsList = false, bool IsBoolean = false, string? Pattern = null);
}
