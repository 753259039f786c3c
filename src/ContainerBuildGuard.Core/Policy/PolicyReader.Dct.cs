using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <content>The key <c>dct</c> of a trust rule: Docker Content Trust.</content>
internal sealed partial class PolicyReader
{
    private static readonly string[] DctKeys = ["server", "signers", "root-keys", "root-authority", "trust-on-first-use", "trust-pinning"];

    private DctTrust ReadDct(YamlNode node)
    {
        var trust = new DctTrust();
        foreach (var (key, value) in Members(node, "dct", DctKeys))
        {
            trust = key switch
            {
                "server" => trust with { Server = ReadNotaryServer(value, key) },
                "signers" => trust with { Signers = [.. Items(value, key).Select(n => Text(n, key))] },
                "root-keys" => trust with { Pinning = trust.Pinning with { Certificates = trust.Pinning.Certificates.SetItem("*", [.. Items(value, key).Select(ReadKeyId)]) } },
                "root-authority" => trust with { Pinning = trust.Pinning with { Authorities = trust.Pinning.Authorities.SetItem("", FileBeside(value, key)) } },
                "trust-on-first-use" => trust with { Pinning = trust.Pinning with { DisableTofu = !Flag(value, key) } },
                _ => trust with { Pinning = trust.Pinning.With(DctPinningFile.Read(FileBeside(value, key), what => Error(value, what))) },
            };
        }

        return trust;
    }

    private Uri ReadNotaryServer(YamlNode node, string key) =>
        Text(node, key) is var text && DctTrust.IsServer(text) ? new Uri(text) : throw Error(node, $"{key} is an https URL without user, query and fragment; http is for this machine alone");

    private string ReadKeyId(YamlNode node) =>
        Text(node, "root-keys") is { Length: 64 } id && id.All(char.IsAsciiHexDigitLower) ? id : throw Error(node, "a root key is named by its identity, 64 hexadecimal characters: `docker trust inspect` shows it");
}
