using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity.Facts;

/// <summary>.NET on the machine, and the configuration that a build in the working folder would get.</summary>
public sealed record DotNetFacts
{
    public required ImmutableArray<DotNetInstall> Installs { get; init; }
    public required Probed<GlobalJson> GlobalJson { get; init; }
    public required ImmutableArray<NuGetConfiguration> NuGet { get; init; }
    public required ImmutableArray<DotNetTool> Tools { get; init; }
    public required ImmutableArray<string> Problems { get; init; }
}

public sealed record DotNetInstall(string Root, string Kind, string Version);

public sealed record GlobalJson(string Path, string? Version, string? RollForward, bool AllowPrerelease);

/// <summary>One NuGet.config of the chain, nearest first, without a password's value.</summary>
public sealed record NuGetConfiguration
{
    public required string Path { get; init; }
    public required ImmutableArray<NuGetSource> Sources { get; init; }
    public required bool Mapping { get; init; }
    public required ImmutableArray<string> ClearTextPasswords { get; init; }
    public required ImmutableArray<string> EncryptedPasswords { get; init; }
    public required string? SignatureValidation { get; init; }
    public required bool AuditSources { get; init; }
}

public sealed record NuGetSource(string Name, string Location, bool AllowInsecure);

/// <summary>A global tool and where NuGet says it came from.</summary>
public sealed record DotNetTool(string Name, string Version, string? Source);

/// <summary>Who builds, with which variables and which files of secrets. Names and places, never values.</summary>
public sealed record UserFacts
{
    public required uint Uid { get; init; }
    public required string Home { get; init; }
    public required string Workspace { get; init; }
    public required int? Umask { get; init; }

    /// <summary>Variables whose value is no secret and that a check asks about.</summary>
    public required ImmutableSortedDictionary<string, string> Variables { get; init; }

    /// <summary>Variables whose name says that they hold a secret; names alone.</summary>
    public required ImmutableArray<string> SecretVariables { get; init; }

    public required ImmutableArray<CredentialFile> Registries { get; init; }
    public required ImmutableArray<PrivateKey> Keys { get; init; }
    public required ImmutableArray<TokenFile> Tokens { get; init; }
    public required ImmutableArray<Setting> Git { get; init; }
    public required ImmutableArray<string> SearchPath { get; init; }
    public required ImmutableArray<string> Problems { get; init; }
}

/// <summary>A file of registry credentials: the registries whose credentials it holds in clear, and the helpers it names.</summary>
public sealed record CredentialFile(string Path, ImmutableArray<string> InClear, ImmutableArray<string> Helpers);

/// <summary>A private key; <paramref name="Kind"/> is <c>ssh</c>, <c>signing</c> or <c>tls</c>.</summary>
public sealed record PrivateKey(string Path, string Kind, bool Encrypted);

/// <summary>A file in which a tool keeps a token in clear.</summary>
public sealed record TokenFile(string Path, string Tool);
