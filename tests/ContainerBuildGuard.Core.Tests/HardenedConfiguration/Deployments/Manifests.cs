using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>A folder of manifests for one test.</summary>
internal sealed class Manifests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-manifests-");

    public string Add(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public string Folder => _folder.FullName;

    public DeploymentAuditResult Audit(params string[] names) => DeploymentAudit.Run(Request(names), CancellationToken.None);

    public DeploymentAuditRequest Request(params string[] names) =>
        new() { Paths = names.Length == 0 ? [_folder.FullName] : [.. names.Select(n => Path.Combine(_folder.FullName, n))] };

    /// <summary>The findings of one manifest.</summary>
    public static IReadOnlyList<Finding> Of(string name, string text)
    {
        using var manifests = new Manifests();
        manifests.Add(name, text);
        return manifests.Audit(name).Findings;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
