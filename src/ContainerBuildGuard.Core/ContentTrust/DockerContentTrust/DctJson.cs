using System.Text.Json;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Members of metadata that must be there and be of their kind.</summary>
internal static class DctJson
{
    public static JsonElement Member(this JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : throw DctException.Malformed($"{name} is missing or is no {kind}");

    public static string Text(this JsonElement element, string name) => element.Member(name, JsonValueKind.String).GetString()!;

    public static IEnumerable<string> Texts(this JsonElement element, string name) =>
        element.Member(name, JsonValueKind.Array).EnumerateArray().Select(t => t.ValueKind == JsonValueKind.String ? t.GetString()! : throw DctException.Malformed($"{name} holds something else than texts"));

    public static long Integer(this JsonElement element, string name) =>
        element.Member(name, JsonValueKind.Number).TryGetInt64(out var number) && number >= 0 ? number : throw DctException.Malformed($"{name} is not an integer of 0 or more");

    /// <summary>Base64 in the one spelling that each content has.</summary>
    public static byte[] Base64(string text, string what)
    {
        try
        {
            var bytes = Convert.FromBase64String(text);
            return Convert.ToBase64String(bytes) == text ? bytes : throw new FormatException("The text has another spelling than its content.");
        }
        catch (FormatException e)
        {
            throw new DctException(DctError.Malformed, $"{what} is not base64", e);
        }
    }
}
