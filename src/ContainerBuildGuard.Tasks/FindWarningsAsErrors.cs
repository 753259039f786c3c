using Microsoft.Build.Framework;

namespace ContainerBuildGuard.Tasks;

/// <summary>
/// Says which of the guard's codes the build turns from warnings into errors. Runs in a project of its own: where a project sets
/// WarningsAsErrors, as every SDK project does, MSBuild no longer tells its tasks of a bare <c>-warnaserror</c>.
/// </summary>
public sealed class FindWarningsAsErrors : Microsoft.Build.Utilities.Task
{
    [Output]
    public string[] Codes { get; set; } = [];

    /// <inheritdoc />
    public override bool Execute()
    {
        Codes = BuildEngine is IBuildEngine8 engine ? [.. RuleCatalog.Codes.Where(engine.ShouldTreatWarningAsError)] : [];
        return true;
    }
}
