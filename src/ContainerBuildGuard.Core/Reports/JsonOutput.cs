using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Reports;

/// <summary>Writes JSON documents without the serializer, which needs reflection that a natively compiled tool does not have.</summary>
internal static class JsonOutput
{
    /// <summary>For people's eyes: indented, and no more escaped than JSON asks for.</summary>
    public static JsonWriterOptions Readable { get; } = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
