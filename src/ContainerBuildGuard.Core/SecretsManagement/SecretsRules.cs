using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The catalogue of the control: one code a kind of secret.</summary>
public static class SecretsRules
{
    public static Rule PrivateKey { get; } = Of("CBG4001", "Private key", Severity.Critical);

    public static Rule ConnectionString { get; } = Of("CBG4002", "Connection string with a password", Severity.High);

    public static Rule CloudCredential { get; } = Of("CBG4003", "Cloud credential", Severity.Critical);

    public static Rule SourceControlToken { get; } = Of("CBG4004", "Token of a source control, CI or package service", Severity.Critical);

    public static Rule ServiceToken { get; } = Of("CBG4005", "Token of an online service", Severity.High);

    public static Rule WebCredential { get; } = Of("CBG4006", "Credential in a URL, or a JSON Web Token", Severity.High);

    public static Rule CredentialFile { get; } = Of("CBG4007", "File that holds credentials", Severity.High);

    public static Rule NamedSecret { get; } = Of("CBG4008", "Setting named like a secret with a value", Severity.Medium);

    public static ImmutableArray<Rule> All { get; } =
        [PrivateKey, ConnectionString, CloudCredential, SourceControlToken, ServiceToken, WebCredential, CredentialFile, NamedSecret];

    private static Rule Of(string code, string title, Severity severity) =>
        new(code, title, severity, Control.SecretsManagement) { References = ["CIS Docker 4.10", "NIST SP 800-190 4.1.4"] };
}
