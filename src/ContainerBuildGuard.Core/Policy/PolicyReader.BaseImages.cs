using System.Collections.Immutable;
using ContainerBuildGuard.Images;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <content>The key <c>base-images</c>.</content>
internal sealed partial class PolicyReader
{
    private static readonly string[] Proofs = ["none", "digests", "signatures", "microsoft"];

    private BaseImageSettings ReadBaseImages(YamlNode node)
    {
        var settings = BaseImageSettings.None;
        foreach (var (key, value) in Members(node, "base-images", "allow", "pin", "max-age", "lock", "verify"))
        {
            settings = key switch
            {
                "allow" => settings with { Allow = [.. Items(value, key).Select(n => Text(n, key))] },
                "pin" => settings with { RequireDigest = Text(value, key) switch { "digest" => true, "tag" => false, _ => throw Error(value, "pin is tag or digest") } },
                "max-age" => settings with { MaxAge = ReadDays(value, Text(value, key)) },
                "lock" => settings with { Lock = Flag(value, key) },
                _ => settings with { Verify = [.. Items(value, key).Select(ReadBaseImageTrust)] },
            };
        }

        return settings;
    }

    private BaseImageTrust ReadBaseImageTrust(YamlNode node)
    {
        var members = Members(node, "a base image's verification", ["by", "digests", .. TrustKeys]).ToDictionary(m => m.Key, m => m.Node);
        var by = members.TryGetValue("by", out var said) ? Text(said, "by") : throw Error(node, $"a base image's verification needs by: {string.Join(", ", Proofs)}");
        var trust = new BaseImageTrust
        {
            By = by switch
            {
                "none" => BaseImageProof.None,
                "digests" => BaseImageProof.Digests,
                "signatures" => BaseImageProof.Signatures,
                "microsoft" => BaseImageProof.Microsoft,
                _ => throw Error(said, $"'{by}' is no way to verify a base image{Suggestion(by, Proofs)}: {string.Join(", ", Proofs)}"),
            },
        };
        string[] own = by switch { "digests" => ["by", "images", "digests"], "signatures" => ["by", .. TrustKeys], _ => ["by", "images"] };
        if (members.FirstOrDefault(m => !own.Contains(m.Key)) is { Key: { } foreign, Value: { } place })
        {
            throw Error(place, $"verification by {by} has no key '{foreign}'; it has {string.Join(", ", own)}");
        }

        trust = members.TryGetValue("images", out var images) ? trust with { Images = [.. Items(images, "images").Select(n => Text(n, "images"))] }
            : trust.By == BaseImageProof.Microsoft ? trust with { Images = ["mcr.microsoft.com/dotnet/*"] }
            : trust;
        return trust.By switch
        {
            BaseImageProof.Digests => trust with { Digests = ReadDigests(members.GetValueOrDefault("digests") ?? throw Error(node, "verification by digests needs digests, a list of sha256:…")) },
            BaseImageProof.Signatures => trust with { SignedBy = ReadTrust(node, members.Where(m => m.Key != "by")) },
            _ => trust,
        };
    }

    private ImmutableArray<string> ReadDigests(YamlNode node) =>
        [.. Items(node, "digests").Select(n => Text(n, "digests") is var text && Digest.TryParse(text, out _) ? text : throw Error(n, $"'{text}' is no digest: write sha256: and 64 lower-case hexadecimal characters"))];
}
