using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A secret that was found: never its value, only what may be shown.</summary>
/// <param name="DetectorId">Which detector.</param>
/// <param name="Severity">How bad this one is.</param>
/// <param name="Line">One-based.</param>
/// <param name="Preview">The redacted beginning.</param>
/// <param name="Position">Where it begins in the file, in bytes.</param>
/// <param name="Length">How long it is, in bytes.</param>
internal readonly record struct SecretMatch(string DetectorId, Severity Severity, int Line, string Preview, long Position, int Length)
{
    /// <summary>What is special about this one.</summary>
    public string? Note { get; init; }

    /// <summary>It has the form and fails the checksum.</summary>
    public bool IsDoubtful { get; init; }

    /// <summary>The keyed fingerprint, where there is a baseline.</summary>
    public string? Fingerprint { get; init; }

    /// <summary>Why somebody allows it, in the file itself.</summary>
    public string? Allowed { get; init; }

    /// <summary>The credential, where its service will be asked whether it is live; never kept beyond the run.</summary>
    public LiveCredential? Credential { get; init; }

    /// <summary>Inside an archive or an encoding: where (<c>!lib/app.config</c>); empty for the file itself.</summary>
    public string Inside { get; init; } = "";
}
