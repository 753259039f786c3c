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
        "7f75367e7881255134e1375e723d1dea8ad5f6a4fdb79d938df1f1754a830606"); // the token that jwt.io opens with

    public static bool Contain(ReadOnlySpan<byte> value) => value.Length is >= 20 and <= 256 && Hashes.Contains(Convert.ToHexStringLower(SHA256.HashData(value)));
}
