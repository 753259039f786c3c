namespace ContainerBuildGuard.Sigstore;

/// <summary>Keys that stay inside a key management service, by the references that cosign uses for them.</summary>
public static class KeyServices
{
    /// <summary>Whether the reference names a key of a service.</summary>
    public static bool IsReference(string reference) => reference.StartsWith(AwsKmsSigner.Scheme, StringComparison.Ordinal) || reference.StartsWith(AzureKeyVaultSigner.Scheme, StringComparison.Ordinal);

    /// <summary>Opens <c>awskms://[ENDPOINT]/[ID|ALIAS|ARN]</c> or <c>azurekms://[VAULT]/[KEY][/VERSION]</c>; the public key is fetched at once. Credentials come from the service's usual environment variables.</summary>
    /// <param name="reference">The reference.</param>
    /// <param name="http">The client; its lifetime is the caller's.</param>
    /// <param name="environment">Reads an environment variable; null where it is not set.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="KeyException">A wrong reference, missing credentials, or a service that refuses or cannot be reached.</exception>
    public static async Task<ISigner> OpenAsync(string reference, HttpClient http, Func<string, string?> environment, CancellationToken cancellationToken) =>
        reference.StartsWith(AwsKmsSigner.Scheme, StringComparison.Ordinal)
            ? await AwsKmsSigner.OpenAsync(reference, http, environment, cancellationToken).ConfigureAwait(false)
            : await AzureKeyVaultSigner.OpenAsync(reference, http, environment, cancellationToken).ConfigureAwait(false);

    /// <summary>Plain HTTP is for this machine alone.</summary>
    internal static Uri Address(string host, string reference)
    {
        var local = Uri.TryCreate($"http://{host}/", UriKind.Absolute, out var plain) && plain.IsLoopback;
        return Uri.TryCreate($"{(local ? "http" : "https")}://{host}/", UriKind.Absolute, out var address) && address is { AbsolutePath: "/", Query: "", UserInfo: "" }
            ? address
            : throw new KeyException($"The key reference '{reference}' does not name a host.");
    }
}
