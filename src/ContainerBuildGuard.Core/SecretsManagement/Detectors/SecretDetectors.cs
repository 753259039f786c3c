using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>All detectors. To add one: a row in its family's table, with positives and near misses in the tests.</summary>
internal static class SecretDetectors
{
    /// <summary>Detectors with a keyword of their own, in the order in which they win over each other.</summary>
    public static ImmutableArray<SecretDetector> All { get; } =
    [
        .. KeyDetectors.All, .. AzureDetectors.All, .. CloudDetectors.All, .. SourceControlDetectors.All, .. ArtificialIntelligenceDetectors.All, .. PaymentDetectors.All, .. MessagingDetectors.All,
        .. ObservabilityDetectors.All, .. SoftwareServiceDetectors.All, .. CredentialDetectors.All,
    ];

    /// <summary>What is found by the name of the setting or by what the whole file is, not by a keyword.</summary>
    public static ImmutableArray<SecretDetector> Named { get; } =
    [
        Of(AssignmentScanner.ConnectionString, SecretsRules.ConnectionString, "connection string with a password"),
        Of(AssignmentScanner.ServiceKey, SecretsRules.ServiceToken, "key of an online service"),
        Of(AssignmentScanner.NamedPassword, SecretsRules.NamedSecret, "password"),
        Of(AssignmentScanner.NamedSecret, SecretsRules.NamedSecret, "secret"),
        Of(AzureDevOpsToken.Id, SecretsRules.SourceControlToken, "Azure DevOps personal access token"),
        Of(SecretFiles.PasswordFile, SecretsRules.CredentialFile, "password in a file of passwords"),
        Of(KeyStores.Pkcs12, SecretsRules.PrivateKey, "PKCS#12 key store"),
        Of(KeyStores.JavaKeyStore, SecretsRules.PrivateKey, "Java key store"),
        Of(KeyStores.StrongName, SecretsRules.PrivateKey, "strong-name private key"),
    ];

    private static SecretDetector Of(string id, Findings.Rule rule, string description) =>
        new(id, rule, description, [], static (ReadOnlySpan<byte> _, int _, int _, FileContext _, out Found found) =>
        {
            found = default;
            return false;
        });
}
