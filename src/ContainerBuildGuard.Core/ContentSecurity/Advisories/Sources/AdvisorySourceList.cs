using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The list of an index's sources, as JSON inside it.</summary>
public static class AdvisorySourceList
{
    internal static byte[] Write(IEnumerable<AdvisorySource> sources)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            foreach (var source in sources)
            {
                json.WriteStartObject();
                json.WriteString("name", source.Name);
                json.WriteNumber("advisories", source.Advisories);
                json.WriteString("asOf", Rfc3339.Format(source.AsOf));
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        return buffer.ToArray();
    }

    public static IReadOnlyList<AdvisorySource> Read(AdvisoryIndex index)
    {
        using var json = JsonDocument.Parse(index.ReadSources());
        return [.. json.RootElement.EnumerateArray().Select(s => new AdvisorySource(s.GetProperty("name").GetString()!, s.GetProperty("advisories").GetInt32(), s.GetProperty("asOf").GetDateTimeOffset()))];
    }
}
