namespace ContainerBuildGuard.Images;

/// <summary>Understands what engines say.</summary>
internal static class EngineWords
{
    private static readonly string[] Missing = ["no such image", "reference does not exist", "image not known", "does not exist in local storage"];

    public static bool MeanMissing(string words) => Missing.Any(m => words.Contains(m, StringComparison.OrdinalIgnoreCase));

    public static string FirstLine(string text) => text.Trim().Split('\n')[0].Trim() is { Length: > 0 } line ? (line.Length > 500 ? line[..500] : line) : "no reason given";
}
