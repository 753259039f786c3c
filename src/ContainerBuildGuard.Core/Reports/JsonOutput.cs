using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Reports;

/// <summary>Writes JSON documents without the serializer, which needs reflection that a natively compiled tool does not have.</summary>
public static class JsonOutput
{
    /// <summary>For people's eyes: indented, and no more escaped than JSON asks for.</summary>
    public static JsonWriterOptions Readable { get; } = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>A document for people's eyes, with a line's end.</summary>
    public static string ToText(JsonNode node)
    {
        using var bytes = new MemoryStream();
        Write(bytes, node, Readable);
        return Encoding.UTF8.GetString(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)) + "\n";
    }

    public static async Task WriteAsync(Stream output, JsonNode node, JsonWriterOptions options, CancellationToken cancellationToken)
    {
        await using var writer = new Utf8JsonWriter(output, options);
        node.WriteTo(writer);
        await writer.FlushAsync(cancellationToken);
    }

    public static void Write(Stream output, JsonNode node, JsonWriterOptions options)
    {
        using var writer = new Utf8JsonWriter(output, options);
        node.WriteTo(writer);
    }
}
