using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Attesting;

/// <summary>Where an image was built and from what (SLSA provenance 1.0). It says what this build knows, and nothing that it does not.</summary>
internal static class BuildProvenance
{
    private const string BuildType = "https://containerbuildguard.dev/build-types/dotnet-publish/v1";
    private const string Source = "org.opencontainers.image.source";
    private const string Revision = "org.opencontainers.image.revision";
    private const string BaseName = "org.opencontainers.image.base.name";
    private const string BaseDigest = "org.opencontainers.image.base.digest";

    /// <summary>The predicate.</summary>
    /// <param name="set">The image, whose labels say its source and base.</param>
    /// <param name="project">The project's name.</param>
    /// <param name="assetsFile">NuGet's <c>project.assets.json</c>, whose packages and hashes are listed; left out where it is not there.</param>
    /// <param name="sdkVersion">The version of the .NET SDK that built; left out where it is not known.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="started">When the build started.</param>
    /// <param name="finished">When it ended.</param>
    public static JsonObject Of(ImageSet set, string project, string assetsFile, string sdkVersion, Func<string, string?> environment, DateTimeOffset started, DateTimeOffset finished)
    {
        var labels = set.Images[0].Config.Labels;
        var (source, revision) = (labels.GetValueOrDefault(Source), labels.GetValueOrDefault(Revision));
        var external = new JsonObject { ["project"] = project };
        var dependencies = new List<JsonNode>();
        if (source is { Length: > 0 })
        {
            external["source"] = source;
            dependencies.Add(new JsonObject
            {
                ["uri"] = $"git+{source}{(revision is { Length: > 0 } ? $"@{revision}" : "")}",
                ["digest"] = revision is { Length: > 0 } ? new JsonObject { ["gitCommit"] = revision } : new JsonObject(),
            });
        }

        if (labels.GetValueOrDefault(BaseDigest) is { } digest && Digest.TryParse(digest, out var parsed))
        {
            dependencies.Add(new JsonObject { ["uri"] = $"docker://{labels.GetValueOrDefault(BaseName) ?? ""}", ["digest"] = new JsonObject { [parsed.Algorithm] = parsed.Hex } });
        }

        foreach (var package in Packages(assetsFile))
        {
            dependencies.Add(package);
        }

        var (builder, run) = Builder(environment);
        var version = new JsonObject { ["containerbuildguard"] = ReportContext.ToolVersion };
        if (sdkVersion.Length > 0)
        {
            version["dotnet-sdk"] = sdkVersion;
        }

        return new JsonObject
        {
            ["buildDefinition"] = new JsonObject
            {
                ["buildType"] = BuildType,
                ["externalParameters"] = external,
                ["internalParameters"] = new JsonObject { ["runtime"] = System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription },
                ["resolvedDependencies"] = new JsonArray([.. dependencies]),
            },
            ["runDetails"] = new JsonObject
            {
                ["builder"] = new JsonObject { ["id"] = builder, ["version"] = version },
                ["metadata"] = new JsonObject { ["invocationId"] = run, ["startedOn"] = Rfc3339.Format(started), ["finishedOn"] = Rfc3339.Format(finished) },
            },
        };
    }

    /// <summary>The build service as it names itself. What a machine says of itself is worth what its signer is.</summary>
    private static (string Builder, string Run) Builder(Func<string, string?> environment)
    {
        if (environment("GITHUB_ACTIONS") == "true")
        {
            return ($"https://github.com/actions/runner/{environment("RUNNER_ENVIRONMENT") ?? "self-hosted"}", $"{environment("GITHUB_SERVER_URL")}/{environment("GITHUB_REPOSITORY")}/actions/runs/{environment("GITHUB_RUN_ID")}/attempts/{environment("GITHUB_RUN_ATTEMPT")}");
        }

        if (environment("GITLAB_CI") is not null)
        {
            return ($"{environment("CI_SERVER_URL")}/runner/{environment("CI_RUNNER_ID")}", environment("CI_JOB_URL") ?? "");
        }

        return environment("TF_BUILD") is not null
            ? ($"{environment("SYSTEM_COLLECTIONURI")}agent", $"{environment("SYSTEM_COLLECTIONURI")}{environment("SYSTEM_TEAMPROJECT")}/_build/results?buildId={environment("BUILD_BUILDID")}")
            : ("https://containerbuildguard.dev/builders/unattended-machine", "");
    }

    private static IEnumerable<JsonObject> Packages(string assetsFile)
    {
        if (!File.Exists(assetsFile))
        {
            yield break;
        }

        using var document = Parse(assetsFile);
        if (document is null || !document.RootElement.TryGetProperty("libraries", out var libraries) || libraries.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var library in libraries.EnumerateObject().OrderBy(l => l.Name, StringComparer.Ordinal))
        {
            // NuGet keeps SHA-512 in base64, in-toto wants hexadecimal.
            if (library.Value.TryGetProperty("type", out var type) && type.GetString() == "package" && library.Value.TryGetProperty("sha512", out var hash)
                && hash.TryGetBytesFromBase64(out var bytes) && library.Name.Split('/') is [var name, var version])
            {
                yield return new JsonObject { ["uri"] = $"pkg:nuget/{name}@{version}", ["digest"] = new JsonObject { ["sha512"] = Convert.ToHexStringLower(bytes) } };
            }
        }
    }

    private static JsonDocument? Parse(string file)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
