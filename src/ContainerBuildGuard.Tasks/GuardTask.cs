using System.Globalization;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Publishing;
using Microsoft.Build.Framework;

namespace ContainerBuildGuard.Tasks;

/// <summary>What the guard's tasks share: the project's settings, cancellation, and how findings and errors are printed.</summary>
public abstract class GuardTask : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    [Required]
    public string ProjectFile { get; set; } = "";

    public string TargetFramework { get; set; } = "";

    public string Policy { get; set; } = "";

    public string FailOn { get; set; } = "";

    public string BaseImage { get; set; } = "";

    public string BaseRegistry { get; set; } = "";

    public string BaseRepository { get; set; } = "";

    /// <summary>Where one task leaves for the other what the base was found to be.</summary>
    public string BaseFactsFile { get; set; } = "";

    /// <summary>Whether the digests of accepted bases are kept beside the project.</summary>
    public bool LockBaseImages { get; set; }

    /// <summary>Whether only the kept digests may be built on.</summary>
    public bool LockedMode { get; set; }

    /// <summary>The runtime identifiers that are built for, separated by semicolons.</summary>
    public string RuntimeIdentifiers { get; set; } = "";

    /// <summary>The trusted root or client trust configuration of a Sigstore instance, relative to the project, or the name of an instance.</summary>
    public string TrustedRoot { get; set; } = "";

    /// <summary>The codes that the whole build turns from warnings into errors.</summary>
    public string[] ErrorCodes { get; set; } = [];

    [Required]
    public string ReportDirectory { get; set; } = "";

    protected BaseImageLocking Locking => new(LockBaseImages, LockedMode);

    /// <summary>The docker client's switch, which means the same here.</summary>
    protected static DctTrust? ContentTrust => DctEnvironment.Read(Environment.GetEnvironmentVariable);

    /// <inheritdoc />
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc />
    public void Dispose()
    {
        _cancellation.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc />
    public override bool Execute()
    {
        try
        {
            RunAsync(_cancellation.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            // Cancelled builds end red by MSBuild's own word; nothing was tagged.
            return false;
        }
        catch (GuardException e)
        {
            Log.LogError(null, e.Code, null, $"https://containerbuildguard.dev/rules/{e.Code}", e.File ?? ProjectFile, e.Line, e.Column, 0, 0, "{0}", e.Message);
        }

        return !Log.HasLoggedErrors;
    }

    protected abstract System.Threading.Tasks.Task RunAsync(CancellationToken cancellationToken);

    /// <summary>A warning that the build turns into an error refuses: a red build must not have delivered.</summary>
    protected bool IsErrorInThisBuild(Finding finding) => finding.Severity > Severity.Info
        && (ErrorCodes.Contains(finding.Code, StringComparer.OrdinalIgnoreCase) || (BuildEngine is IBuildEngine8 engine && engine.ShouldTreatWarningAsError(finding.Code)));

    protected string Rooted(string path) => path.Length == 0 ? "" : Path.GetFullPath(path, Path.GetDirectoryName(ProjectFile)!);

    protected string RootedTrust => TrustedRoot == SigstoreInstance.Staging ? TrustedRoot : Rooted(TrustedRoot);

    protected static string[] Split(string list) => list.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    protected void Print(Finding finding, bool refuses)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{finding.Message} {finding.Remedy}");
        var source = SourceFiles.Find(Path.GetDirectoryName(ProjectFile)!, finding.Location);
        var (file, line) = source is null ? (ProjectFile, 0) : (source, finding.Location.Line ?? 0);
        if (finding.Waiver is { } waiver)
        {
            Log.LogMessage(MessageImportance.Normal, "{0}: {1} (waived: {2})", finding.Code, finding.Message, waiver.Reason);
        }
        else if (refuses)
        {
            Log.LogError(null, finding.Code, null, finding.Rule.HelpUri, file, line, 0, 0, 0, "{0}", text);
        }
        else if (finding.Severity == Severity.Info)
        {
            Log.LogMessage(MessageImportance.Normal, "{0}: {1}", finding.Code, text);
        }
        else
        {
            Log.LogWarning(null, finding.Code, null, finding.Rule.HelpUri, file, line, 0, 0, 0, "{0}", text);
        }
    }
}
