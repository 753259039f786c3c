using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>What a build was found to build on, before it did. Written into the build's own folder, so that the image is held against the same facts afterwards.</summary>
public sealed record BaseImageFacts
{
    public const int CurrentSchema = 1;

    public required int Schema { get; init; }

    /// <summary>The base as the project names it, with its registry: <c>registry/repository:tag</c>, <c>…@digest</c> or both.</summary>
    public required string Name { get; init; }

    /// <summary>Where it was found: its registry, or a mirror of it.</summary>
    public required string Registry { get; init; }

    /// <summary>The repository in <see cref="Registry"/>.</summary>
    public required string Repository { get; init; }

    /// <summary>What the name resolved to, once: an index or an image.</summary>
    public required string Digest { get; init; }

    /// <summary>The images that the build may take of it; empty where nobody asked for them.</summary>
    public ImmutableArray<BaseImagePlatform> Platforms { get; init; } = [];

    /// <summary>What came of verifying it; null where nobody asked for it.</summary>
    public BaseImageVerification? Verification { get; init; }

    public string ToJson() => JsonSerializer.Serialize(this, BaseImageJson.Default.BaseImageFacts) + "\n";

    /// <summary>The facts in a file; null where there is none.</summary>
    /// <exception cref="GuardException">CBG9012: the file cannot be read, or holds something else.</exception>
    public static BaseImageFacts? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            var facts = JsonSerializer.Deserialize(File.ReadAllBytes(path), BaseImageJson.Default.BaseImageFacts);
            return facts is { Schema: CurrentSchema } ? facts : throw new JsonException("it is of another version");
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw new GuardException(GuardRules.FileSystem.Code, GuardFailure.Environment, $"'{path}', which holds what the base image was found to be, cannot be read ({e.Message.Split('\n')[0].TrimEnd('.')}): publish again.", e);
        }
    }
}

/// <summary>One image that the build may take.</summary>
/// <param name="Platform">Its platform.</param>
/// <param name="Digest">Its manifest.</param>
/// <param name="Created">When it says that it was built, as written.</param>
/// <param name="Layers">The digests of its layers, lowest first.</param>
public sealed record BaseImagePlatform(string Platform, string Digest, string? Created, ImmutableArray<string> Layers);

/// <summary>What came of verifying a base: verified where nothing failed.</summary>
/// <param name="By">How, in the policy's word.</param>
/// <param name="Signers">Who vouches for it.</param>
/// <param name="Failures">What is missing, each with its manifest and its reasons.</param>
public sealed record BaseImageVerification(string By, ImmutableArray<string> Signers, ImmutableArray<string> Failures);

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BaseImageFacts))]
internal sealed partial class BaseImageJson : JsonSerializerContext;
