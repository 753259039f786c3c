namespace ContainerBuildGuard.Sigstore;

/// <summary>Keys to sign requests to AWS with. Not a record: nothing prints them.</summary>
internal sealed class AwsCredentials(string accessKeyId, string secretAccessKey, string? sessionToken)
{
    public AwsRequestSigner Signer(string region, string service) => new(accessKeyId, secretAccessKey, sessionToken, region, service);
}

/// <summary>Where AWS credentials are looked for, in the order of AWS's own tools; the first that has some counts, and one that is named and fails ends the search.</summary>
internal static class AwsCredentialSources
{
    /// <exception cref="KeyException">There are none, or a source that is named does not give them.</exception>
    public static async Task<AwsCredentials> FindAsync(AwsContext context, string region) =>
        FromVariables(context)
        ?? await FromWebIdentityAsync(context, region).ConfigureAwait(false)
        ?? await AwsProfiles.FindAsync(context, region).ConfigureAwait(false)
        ?? await AwsMetadata.FromContainerAsync(context).ConfigureAwait(false)
        ?? await AwsMetadata.FromInstanceAsync(context).ConfigureAwait(false)
        ?? throw new KeyException("AWS credentials are missing: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN for a role), AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, or AWS_PROFILE, or run where a container or instance has a role.");

    public static AwsCredentials? FromVariables(AwsContext context) =>
        context.Variable("AWS_ACCESS_KEY_ID") is { } id && context.Variable("AWS_SECRET_ACCESS_KEY") is { } secret ? new AwsCredentials(id, secret, context.Variable("AWS_SESSION_TOKEN")) : null;

    /// <summary>A service account in Kubernetes (IRSA), or a build's identity.</summary>
    private static async Task<AwsCredentials?> FromWebIdentityAsync(AwsContext context, string region) =>
        context.Variable("AWS_WEB_IDENTITY_TOKEN_FILE") is { } file && context.Variable("AWS_ROLE_ARN") is { } role
            ? await AwsTokenService.WithWebIdentityAsync(context, region, role, file, context.Variable("AWS_ROLE_SESSION_NAME")).ConfigureAwait(false)
            : null;
}

/// <summary>What AWS credentials are looked for with.</summary>
/// <param name="Http">The client.</param>
/// <param name="Environment">Reads an environment variable; null where it is not set.</param>
/// <param name="CancellationToken">Cancels.</param>
internal sealed record AwsContext(HttpClient Http, Func<string, string?> Environment, CancellationToken CancellationToken)
{
    public string? Variable(string name) => Environment(name) is { Length: > 0 } value ? value : null;

    /// <summary>Where a service answers that gives credentials.</summary>
    /// <param name="variable">The variable that says otherwise.</param>
    /// <param name="service">The first part of its host.</param>
    /// <param name="region">The region.</param>
    /// <param name="name">How to name it in messages.</param>
    /// <exception cref="KeyException">The variable is no address that a credential may go to.</exception>
    public Uri Address(string variable, string service, string region, string name) => Variable(variable) is { } named
        ? Uri.TryCreate(named, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || uri.IsLoopback) ? uri : throw new KeyException($"{variable} is not an https address.")
        : KeyServices.Address(Host(service, region), name);

    /// <summary>Where a service answers in a region, where no variable says otherwise.</summary>
    public static string Host(string service, string region) => $"{service}.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}";
}
