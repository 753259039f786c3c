namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>A file, and whether it holds a secret.</summary>
internal sealed record LabelledCase(string Family, string Path, string Content, bool IsSecret)
{
    /// <summary>The value that was planted; empty in a file without.</summary>
    public string Secret { get; init; } = "";
}
