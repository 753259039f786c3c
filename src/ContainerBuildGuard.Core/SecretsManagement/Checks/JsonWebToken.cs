using System.Buffers.Text;
using System.Text.Json;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A JSON Web Token is one when its header decodes to JSON that names an algorithm.</summary>
internal static class JsonWebToken
{
    public static TokenCheckResult Check(ReadOnlySpan<byte> token)
    {
        var header = token[..token.IndexOf((byte)'.')];
        return TryDecode(header, out var json) && NamesAlgorithm(json) ? TokenCheckResult.Nothing : TokenCheckResult.Invalid;
    }

    private static bool TryDecode(ReadOnlySpan<byte> text, out byte[] decoded)
    {
        decoded = [];
        if (!Base64Url.IsValid(text))
        {
            return false;
        }

        decoded = Base64Url.DecodeFromUtf8(text);
        return true;
    }

    private static bool NamesAlgorithm(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object && (document.RootElement.TryGetProperty("alg", out _) || document.RootElement.TryGetProperty("enc", out _));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
