using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>The form of JSON that signatures cover (OLPC canonical JSON): sorted members, no white space, only quotes and backslashes escaped, integers only.</summary>
public static class CanonicalJson
{
    /// <summary>The element's canonical form, UTF-8.</summary>
    /// <exception cref="TufException">A number that is no integer, or text that is not valid.</exception>
    public static byte[] Encode(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>();
        try
        {
            Write(element, buffer);
        }
        catch (InvalidOperationException e)
        {
            throw new TufException(TufError.Malformed, "the metadata holds text that is not valid UTF-8", e);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The node's canonical form, UTF-8.</summary>
    /// <exception cref="TufException">A number that is no integer.</exception>
    public static byte[] Encode(JsonNode node)
    {
        using var document = JsonDocument.Parse(node.ToJsonString());
        return Encode(document.RootElement);
    }

    private static void Write(JsonElement element, ArrayBufferWriter<byte> buffer)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var separator = "{"u8;
                foreach (var member in element.EnumerateObject().Select(m => (m.Name, m.Value)).OrderBy(m => m.Name, StringComparer.Ordinal))
                {
                    buffer.Write(separator);
                    WriteText(member.Name, buffer);
                    buffer.Write(":"u8);
                    Write(member.Value, buffer);
                    separator = ","u8;
                }

                buffer.Write(separator[0] == '{' ? "{}"u8 : "}"u8);
                break;
            case JsonValueKind.Array:
                buffer.Write("["u8);
                var first = true;
                foreach (var item in element.EnumerateArray())
                {
                    buffer.Write(first ? [] : ","u8);
                    Write(item, buffer);
                    first = false;
                }

                buffer.Write("]"u8);
                break;
            case JsonValueKind.String:
                WriteText(element.GetString()!, buffer);
                break;
            case JsonValueKind.Number:
                buffer.Write(element.TryGetInt64(out _) && !element.GetRawText().Contains('e', StringComparison.OrdinalIgnoreCase) && !element.GetRawText().Contains('.', StringComparison.Ordinal)
                    ? Encoding.ASCII.GetBytes(element.GetRawText())
                    : throw new TufException(TufError.Malformed, "the metadata holds a number that is no integer"));
                break;
            default:
                buffer.Write(Encoding.ASCII.GetBytes(element.GetRawText()));
                break;
        }
    }

    private static void WriteText(string text, ArrayBufferWriter<byte> buffer) =>
        buffer.Write(Encoding.UTF8.GetBytes($"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
