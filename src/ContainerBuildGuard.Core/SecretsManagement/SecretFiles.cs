namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Files that are credentials by what they are.</summary>
internal static class SecretFiles
{
    /// <summary>What the file is; null where its name says nothing.</summary>
    public static string? Kind(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name switch
        {
            "id_rsa" or "id_ed25519" or "id_ecdsa" or "id_dsa" => "an SSH private key",
            ".git-credentials" => "stored Git logins",
            ".pgpass" => "PostgreSQL passwords",
            ".netrc" or "_netrc" => "logins for FTP and HTTP",
            "terraform.tfstate" => "a Terraform state, which holds secrets in clear text",
            _ when name.EndsWith(".pubxml.user", StringComparison.OrdinalIgnoreCase) => "a publish profile with a password",
            _ when name.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".p12", StringComparison.OrdinalIgnoreCase) => "a PKCS#12 key store",
            _ when name.EndsWith(".jks", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".keystore", StringComparison.OrdinalIgnoreCase) => "a Java key store",
            _ when name.EndsWith(".ppk", StringComparison.OrdinalIgnoreCase) => "a PuTTY private key",
            _ when path.EndsWith(".aws/credentials", StringComparison.Ordinal) => "AWS credentials",
            _ when path.EndsWith(".kube/config", StringComparison.Ordinal) => "a kubeconfig",
            _ when path.EndsWith(".azure/msal_token_cache.json", StringComparison.Ordinal) => "tokens of the Azure CLI",
            _ => null,
        };
    }

    /// <summary>Documentation of a distribution, full of examples.</summary>
    public static bool IsDocumentation(string path) =>
        path.StartsWith("usr/share/doc/", StringComparison.Ordinal) || path.StartsWith("usr/share/man/", StringComparison.Ordinal)
        || path.StartsWith("usr/share/locale/", StringComparison.Ordinal) || path.StartsWith("usr/share/perl/", StringComparison.Ordinal);
}
