using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Reads image configurations (OCI image specification, "Image Configuration").</summary>
public static class ConfigParser
{
    private static readonly string[] Members = ["architecture", "os", "variant", "config", "rootfs", "history", "created"];

    private static readonly string[] RuntimeMembers =
        ["User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal", "Healthcheck"];

    /// <summary>Parses an image configuration.</summary>
    /// <exception cref="ImageException">Malformed, or over a limit.</exception>
    public static ImageConfig Parse(ReadOnlyMemory<byte> json, ImageLimits? limits = null) => JsonContent.Read(json, "configuration", root =>
    {
        root.RefuseLookalikes(Members);
        var config = root.Member("config") ?? default;
        config.RefuseLookalikes(RuntimeMembers);
        var rootfs = root.Required("rootfs");
        rootfs.RefuseLookalikes("type", "diff_ids");
        var diffIds = rootfs.List("diff_ids");
        if (diffIds.Length > (limits ?? ImageLimits.Default).Layers)
        {
            throw new ImageException(ImageError.LimitExceeded, $"The image's configuration lists {diffIds.Length} layers, over the limit of {(limits ?? ImageLimits.Default).Layers}: rebuild it with fewer.");
        }

        return new ImageConfig
        {
            Architecture = root.Text("architecture") ?? "",
            Os = root.Text("os") ?? "",
            Variant = root.Text("variant") is { Length: > 0 } variant ? variant : null,
            Created = root.Text("created"),
            User = config.Text("User") ?? "",
            ExposedPorts = config.Keys("ExposedPorts"),
            Env = config.List("Env"),
            Entrypoint = config.List("Entrypoint"),
            Cmd = config.List("Cmd"),
            Volumes = config.Keys("Volumes"),
            WorkingDir = config.Text("WorkingDir") ?? "",
            Labels = config.Map("Labels"),
            StopSignal = config.Text("StopSignal"),
            HealthcheckTest = config.Member("Healthcheck")?.List("Test") ?? [],
            DiffIds = [.. diffIds.Select(Digest.Parse)],
            History = root.Member("history") is { } history ? [.. history.EnumerateArray().Select(Step)] : [],
        };
    });

    /// <summary>Whether <paramref name="json"/> names file system layers, as an image's configuration does and an artifact's does not.</summary>
    internal static bool NamesLayers(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonContent.Read(json, "configuration", root => root.Member("rootfs")?.Member("diff_ids") is { ValueKind: JsonValueKind.Array } ids && ids.GetArrayLength() > 0);
        }
        catch (ImageException)
        {
            return false;
        }
    }

    private static HistoryEntry Step(JsonElement json) => new(
        json.Text("created_by") ?? "", json.Text("created"), json.Text("comment"), json.Text("author"), json.Member("empty_layer") is { ValueKind: JsonValueKind.True });
}
