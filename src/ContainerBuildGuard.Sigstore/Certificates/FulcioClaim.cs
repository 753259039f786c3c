namespace ContainerBuildGuard.Sigstore;

/// <summary>What a Fulcio certificate says about who asked for it, beside the subject (Fulcio, "OID information"); the values are the last arc of 1.3.6.1.4.1.57264.1.</summary>
public enum FulcioClaim
{
    /// <summary>The OpenID Connect issuer.</summary>
    Issuer = 8,

    /// <summary>The reusable workflow, or what else holds the build's instructions.</summary>
    BuildSignerUri = 9,

    /// <summary>The digest of what <see cref="BuildSignerUri"/> names.</summary>
    BuildSignerDigest = 10,

    /// <summary><c>github-hosted</c>, <c>self-hosted</c> and the like.</summary>
    RunnerEnvironment = 11,

    /// <summary>The source repository.</summary>
    SourceRepositoryUri = 12,

    /// <summary>The source commit.</summary>
    SourceRepositoryDigest = 13,

    /// <summary>The source branch or tag.</summary>
    SourceRepositoryRef = 14,

    /// <summary>The repository's immutable identity.</summary>
    SourceRepositoryIdentifier = 15,

    /// <summary>The repository's owner.</summary>
    SourceRepositoryOwnerUri = 16,

    /// <summary>The owner's immutable identity.</summary>
    SourceRepositoryOwnerIdentifier = 17,

    /// <summary>The top-level build instructions.</summary>
    BuildConfigUri = 18,

    /// <summary>The digest of what <see cref="BuildConfigUri"/> names.</summary>
    BuildConfigDigest = 19,

    /// <summary>What started the build.</summary>
    BuildTrigger = 20,

    /// <summary>The build's run.</summary>
    RunInvocationUri = 21,

    /// <summary>Whether the source was public when it was signed.</summary>
    SourceRepositoryVisibility = 22,

    /// <summary>The deployment environment.</summary>
    DeploymentEnvironment = 23,
}
