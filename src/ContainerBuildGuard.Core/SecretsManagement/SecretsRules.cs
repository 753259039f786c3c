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

    public static Rule PolicySecret { get; } = Of("CBG4009", "Secret of a form that the policy describes", Severity.High);

    public static ImmutableArray<Rule> All { get; } =
        [PrivateKey, ConnectionString, CloudCredential, SourceControlToken, ServiceToken, WebCredential, CredentialFile, NamedSecret, PolicySecret];

    /// <summary>What to do: replace it where it is valid, then where it should live.</summary>
    internal static string RemedyOf(Rule rule) => rule.Code switch
    {
        "CBG4001" => "Replace the key pair (whoever has the image has the key) and keep the file out of the publish; mount the new key at run time, or use a certificate from Azure Key Vault or a Kubernetes secret.",
        "CBG4002" => "Change the password and take it out of the image; give the connection string at run time (ConnectionStrings__NAME from a Kubernetes or Docker secret, Key Vault), in development by user secrets, or use a managed identity without a password. ContainerEnvironmentVariable is not the place: it is part of the image.",
        "CBG4003" => "Revoke the key in the cloud's console and take it out of the image; use a managed identity, workload identity or an instance role instead of a key.",
        "CBG4004" => "Revoke the token where it was issued and take it out of the image; a build needs it only while it runs: give it as a secret of the build, never as a file that is published.",
        "CBG4007" => "Keep the file out of the publish (CopyToPublishDirectory=\"Never\"), replace the credentials in it, and mount what the app needs at run time.",
        _ => "Revoke and replace it (it has been exposed), and take it out of the image; give it at run time: a Kubernetes or Docker secret, a mounted file, Key Vault, in development user secrets.",
    };

    private static Rule Of(string code, string title, Severity severity) =>
        new(code, title, severity, Control.SecretsManagement) { References = ["CIS Docker 4.10", "NIST SP 800-190 4.1.4"] };
}
