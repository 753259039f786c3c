using System.Text.Json;
using System.Text.Json.Serialization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Facts;

/// <summary>The facts as a file: written on one machine, judged on another.</summary>
public static class HostFactsFile
{
    private const int MaxBytes = 64 << 20;

    public static string Write(HostFacts facts) => JsonSerializer.Serialize(facts, HostFactsJson.Default.HostFacts) + "\n";

    /// <exception cref="GuardException">CBG9009: missing, too large, not facts, or facts of another version of the document.</exception>
    public static HostFacts Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists || file.Length > MaxBytes)
            {
                throw Wrong(path, file.Exists ? $"it has more than {MaxBytes >> 20} MiB" : "there is no such file", null);
            }

            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Wrong(path, e.Message.TrimEnd('.'), e);
        }
    }

    /// <summary>Parses facts; <paramref name="path"/> is for messages.</summary>
    public static HostFacts Parse(string json, string path)
    {
        try
        {
            var facts = JsonSerializer.Deserialize(json, HostFactsJson.Default.HostFacts) ?? throw new JsonException("null");
            return facts.Schema == HostFacts.CurrentSchema ? facts : throw Wrong(path, $"it has version {facts.Schema} of the facts and this tool reads {HostFacts.CurrentSchema}", null);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or ArgumentException)
        {
            throw Wrong(path, $"it does not hold the facts of a host ({e.Message.Split('\n')[0].TrimEnd('.')})", e);
        }
    }

    private static GuardException Wrong(string path, string what, Exception? inner) =>
        new(GuardRules.InvalidOption.Code, GuardFailure.Input, $"'{path}' cannot be judged: {what}; write it with `cbg audit host --facts FILE`.", inner);
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(HostFacts))]
internal sealed partial class HostFactsJson : JsonSerializerContext;
