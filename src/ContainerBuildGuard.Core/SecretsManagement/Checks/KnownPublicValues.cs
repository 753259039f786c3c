using System.Collections.Frozen;
using System.Security.Cryptography;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Values that have the form of a secret and are published for everybody's use, by their SHA-256: emulator keys and documentation samples.</summary>
internal static class KnownPublicValues
{
    private static readonly FrozenSet<string> Hashes = FrozenSet.Create(
        StringComparer.Ordinal,
        "0011cc25eb4320717494d2703e8cba85743e71b500283c21c8b88147992f9059", // Azurite and the Azure storage emulator
        "aa6547439583c3a275d4542a0df6c1ad6a863971be9f2a2220f027cc02aef615", // Azure Cosmos DB emulator
        "1a5d44a2dca19669d72edf4c4f1c27c4c1ca4b4408fbb17f6ce4ad452d78ddb3", // the access key of AWS's documentation
        "78314b11be2e581549ac1c4f616563fad3fdf0c3b71678f6e2299182080e0598", // and its secret
        "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606", // the token that jwt.io opens with
        "cf4d418ed3de92d71f767db5391d5a2dacd40e1ce49e75d1137e2ecf4982d844", // the login of RFC 7617
        "f3c3964ca854e172366f81d8bdb327da487c2f8a15f954b116e28961dd6585c0", // the key in Grafana's sample configuration
        "6ccb1279691699b101ebff237b1f286bb18cd4ff7d12088a4b97cb768c2bb5d5"); // the secret in Joomla's sample configuration

    public static bool Contain(ReadOnlySpan<byte> value) => value.Length is >= 16 and <= 256 && Hashes.Contains(Convert.ToHexStringLower(SHA256.HashData(value)));
}
