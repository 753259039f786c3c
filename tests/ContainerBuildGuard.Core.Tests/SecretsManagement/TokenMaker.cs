using System.Globalization;
using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Makes tokens by the notation of a shape, with the checksum where the detector asks for one.</summary>
internal static class TokenMaker
{
    public static string Make(string id, string notation, string anchor, int seed)
    {
        var made = new Made(seed * 7919);
        var open = notation.IndexOf('<', StringComparison.Ordinal);
        var (before, after) = open >= 0 ? (notation[..open], notation[(notation.IndexOf('>', StringComparison.Ordinal) + 1)..]) : ("", notation[anchor.Length..]);
        var token = $"{Write(before, made)}{anchor}{Write(after, made)}";
        return id switch
        {
            "github-token" or "npm-token" => $"{token[..(token.IndexOf('_') + 31)]}{Crc32Tokens.Digits(Encoding.ASCII.GetBytes(token.Substring(token.IndexOf('_') + 1, 30)))}",
            _ => AzureKeys.Seeds.TryGetValue(id, out var seedText) ? AzureKeys.Sign(token, seedText) : token,
        };
    }

    private static string Write(string notation, Made made)
    {
        var result = new StringBuilder();
        for (var i = 0; i < notation.Length;)
        {
            var (unit, next) = Unit(notation, i, made);
            i = next;
            var count = 1;
            if (i < notation.Length && notation[i] == '?')
            {
                (count, i) = (0, i + 1);
            }
            else if (i < notation.Length && notation[i] == '{')
            {
                var close = notation.IndexOf('}', i);
                count = int.Parse(notation[(i + 1)..close].Split(',')[0], CultureInfo.InvariantCulture);
                i = close + 1;
            }

            result.Append(unit(count));
        }

        return result.ToString();
    }

    private static (Func<int, string> Make, int Next) Unit(string notation, int at, Made made)
    {
        switch (notation[at])
        {
            case '[':
                var close = notation.IndexOf(']', at);
                return (Of(string.Concat(ByteSet.Of(notation[(at + 1)..close]).Characters)), close + 1);
            case '\\':
                var set = notation[at + 1] switch { 'w' => Made.Word, 'd' => Made.Digits, 'h' => Made.Hex, 'H' => Made.Hex, 'u' => Made.Url, _ => Made.Base64 };
                return (Of(set), at + 2);
            case '(':
                var end = notation.IndexOf(')', at);
                var option = notation[(at + 1)..end].Split('|')[0];
                return (count => count == 0 ? "" : Write(option, made), end + 1);
            default:
                var literal = notation[at];
                return (count => new string(literal, count), at + 1);
        }

        Func<int, string> Of(string alphabet) => count => count == 0 ? "" : made.Text(alphabet, count);
    }
}

/// <summary>Signs Azure's identifiable keys.</summary>
internal static class AzureKeys
{
    public static Dictionary<string, string> Seeds { get; } = new()
    {
        ["azure-storage-key"] = "Default0", ["azure-batch-key"] = "AbAcct00", ["azure-ml-classic-key"] = "Classic0", ["azure-cosmos-key"] = "MastRW00", ["azure-api-management-key"] = "Tenant00", ["azure-service-bus-key"] = "Send0000",
        ["azure-event-hubs-key"] = "Manage00", ["azure-relay-key"] = "Listen00", ["azure-iot-key"] = "IoTHub00", ["azure-redis-key"] = "Access00", ["azure-event-grid-key"] = "SendRecv", ["azure-container-registry-key"] = "ACRDflt0",
        ["azure-functions-key"] = "Master00", ["azure-search-key"] = "Query000",
    };

    /// <summary>Puts the checksum over the rest at the end.</summary>
    public static string Sign(string token, string seed)
    {
        var url = token.Contains('-', StringComparison.Ordinal) || token.Contains('_', StringComparison.Ordinal);
        var bytes = Convert.FromBase64String(token.Replace('-', '+').Replace('_', '/'));
        BitConverter.TryWriteBytes(bytes.AsSpan(^4), AzureIdentifiableKey.Marvin32(bytes.AsSpan(0, bytes.Length - 4), System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(Encoding.ASCII.GetBytes(seed))));
        var signed = Convert.ToBase64String(bytes);
        return url ? signed.Replace('+', '-').Replace('/', '_') : signed;
    }

    public static string Storage(byte[] random) => Sign($"{Convert.ToBase64String(random)[..76]}+ASt{Convert.ToBase64String(random)[..5]}A==", "Default0");
}
