using System.Collections.Immutable;
using ContainerBuildGuard.HardenedConfiguration;
using ContainerBuildGuard.Publishing;
using Microsoft.Build.Framework;

namespace ContainerBuildGuard.Tasks;

/// <summary>Hands the staged archive to the guard and prints what it says. Holds no decision.</summary>
public sealed class GuardContainer : GuardTask
{
    /// <summary>The private archive that the SDK wrote.</summary>
    [Required]
    public string StagedArchive { get; set; } = "";

    /// <summary>The registry manifest of a single image (JSON); a Docker archive does not hold it.</summary>
    public string Manifest { get; set; } = "";

    /// <summary>The digest that the SDK announced for a single image.</summary>
    public string ManifestDigest { get; set; } = "";

    /// <summary>The image index of a multi-architecture build (JSON).</summary>
    public string ImageIndex { get; set; } = "";

    public string OutputRegistry { get; set; } = "";

    [Required]
    public string Repository { get; set; } = "";

    [Required]
    public ITaskItem[] ImageTags { get; set; } = [];

    public string LocalRegistry { get; set; } = "";

    /// <summary>The user's archive path, file or folder, relative to the project.</summary>
    public string ArchiveOutputPath { get; set; } = "";

    /// <summary>The image's labels and variables as the project gives them, each with the metadata <c>Value</c>.</summary>
    public ITaskItem[] Labels { get; set; } = [];

    public ITaskItem[] EnvironmentVariables { get; set; } = [];

    /// <summary><c>off</c>, <c>warn</c> or <c>error</c>.</summary>
    public string Host { get; set; } = "";

    public string Advisories { get; set; } = "";

    /// <summary>Whether an advisory index that is missing, old or without the image's ecosystems refuses.</summary>
    public bool RequireFreshAdvisories { get; set; }

    /// <summary>OpenVEX documents.</summary>
    public ITaskItem[] Vex { get; set; } = [];

    /// <summary>Advisory addresses that the project suppresses for NuGet's own audit.</summary>
    public string[] SuppressedAdvisories { get; set; } = [];

    /// <summary>NuGet's <c>project.assets.json</c>.</summary>
    public string ProjectAssetsFile { get; set; } = "";

    public string SdkVersion { get; set; } = "";

    public string Sign { get; set; } = "";

    /// <summary>A reference to the private key (file, <c>env://NAME</c>), never the key: parameters are written to binary logs.</summary>
    public string Key { get; set; } = "";

    /// <summary>The tool's file, which opens keys on PKCS#11 tokens; relative to the project.</summary>
    public string Tool { get; set; } = "";

    public string SignatureFormats { get; set; } = "";

    /// <summary>The key's certificate with its chain, relative to the project.</summary>
    public string CertificateChain { get; set; } = "";

    /// <summary>The envelope of Notary Project signatures: <c>jws</c> or <c>cose</c>.</summary>
    public string NotationEnvelope { get; set; } = "";

    public string TimestampUrl { get; set; } = "";

    /// <summary>The root certificate of the timestamp authority, relative to the project.</summary>
    public string TimestampRoot { get; set; } = "";

    public string SignatureExpiry { get; set; } = "";

    /// <summary>Where to sign, relative to the project.</summary>
    public string SigningConfig { get; set; } = "";

    /// <summary>Whether facts of layers are kept in the user's cache folder.</summary>
    public bool Cache { get; set; } = true;

    [Output]
    public string Verdict { get; set; } = "";

    [Output]
    public string DeliveredArchive { get; set; } = "";

    [Output]
    public string[] DeliveredNames { get; set; } = [];

    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken cancellationToken)
    {
        var outcome = await GuardedPublish.RunAsync(Request(), cancellationToken);
        Verdict = outcome.Result.Verdict == ContainerBuildGuard.Verdict.Passed ? "passed" : "refused";
        DeliveredArchive = outcome.ArchivePath ?? "";
        DeliveredNames = [.. outcome.Names];
        var refusing = outcome.Result.Refusing.ToHashSet();
        foreach (var finding in outcome.Result.Findings)
        {
            Print(finding, refusing.Contains(finding));
        }

        foreach (var error in outcome.Errors)
        {
            Log.LogError(null, error.Code, null, $"https://containerbuildguard.dev/rules/{error.Code}", ProjectFile, 0, 0, 0, 0, "{0}", error.Message);
        }

        foreach (var line in outcome.Summary)
        {
            Log.LogMessage(MessageImportance.High, "{0}", line);
        }
    }

    private PublishRequest Request() => new()
    {
        StagedArchive = StagedArchive,
        Manifest = Manifest,
        ManifestDigest = ManifestDigest,
        ImageIndex = ImageIndex,
        Registry = OutputRegistry,
        Repository = Repository,
        Tags = [.. ImageTags.Select(t => t.ItemSpec)],
        LocalRegistry = LocalRegistry,
        ArchivePath = Rooted(ArchiveOutputPath),
        Stated = new StatedValues { Labels = Values(Labels), Variables = Values(EnvironmentVariables) },
        BaseImage = BaseImage,
        BaseRegistry = BaseRegistry,
        BaseRepository = BaseRepository,
        BaseFactsFile = BaseFactsFile,
        Locking = Locking,
        ContentTrust = ContentTrust,
        RuntimeIdentifiers = [.. Split(RuntimeIdentifiers)],
        ProjectFile = ProjectFile,
        PolicyPath = Rooted(Policy),
        FailOn = FailOn,
        Host = Host,
        AdvisoriesPath = Rooted(Advisories),
        RequireFresh = RequireFreshAdvisories,
        VexPaths = [.. Vex.Select(v => Rooted(v.ItemSpec))],
        SuppressedAdvisories = [.. SuppressedAdvisories],
        ProjectAssetsFile = Rooted(ProjectAssetsFile),
        SdkVersion = SdkVersion,
        TargetFramework = TargetFramework,
        Sign = Sign,
        Key = Key,
        Tool = Rooted(Tool),
        TrustedRoot = RootedTrust,
        SigningConfig = Rooted(SigningConfig),
        SignatureFormats = [.. Split(SignatureFormats)],
        Notation = new PublishNotation
        {
            CertificateChain = Rooted(CertificateChain),
            Envelope = NotationEnvelope,
            TimestampUrl = TimestampUrl,
            TimestampRoot = Rooted(TimestampRoot),
            Expiry = SignatureExpiry,
        },
        UseCache = Cache,
        ReportDirectory = ReportDirectory,
        AlsoRefuses = IsErrorInThisBuild,
    };

    /// <summary>Of several of one name the last counts, as it does for the SDK.</summary>
    private static ImmutableDictionary<string, string> Values(ITaskItem[] items) =>
        items.GroupBy(i => i.ItemSpec, StringComparer.Ordinal).ToImmutableDictionary(g => g.Key, g => g.Last().GetMetadata("Value"), StringComparer.Ordinal);
}
