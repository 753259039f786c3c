namespace ContainerBuildGuard.Sigstore;

/// <summary>Finds the identity that a build environment gives to what runs in it.</summary>
public static class AmbientIdentity
{
    /// <summary>The audience that Fulcio expects.</summary>
    public const string DefaultAudience = "sigstore";

    /// <summary>Asked in this order; the first that is there counts.</summary>
    private static readonly (string Name, Func<AmbientContext, Task<string?>> Find)[] Sources =
    [
        ("SIGSTORE_ID_TOKEN", c => Task.FromResult(c.Variable("SIGSTORE_ID_TOKEN"))),
        ("SIGSTORE_ID_TOKEN_FILE", c => Task.FromResult(c.Variable("SIGSTORE_ID_TOKEN_FILE") is { } path ? AmbientContext.ReadToken(path) : null)),
        ("GitHub Actions", BuildServiceIdentities.GitHubAsync),
        ("Azure Pipelines", BuildServiceIdentities.AzurePipelinesAsync),
        ("Buildkite", BuildServiceIdentities.BuildkiteAsync),
        ("CircleCI", BuildServiceIdentities.CircleCiAsync),
        ("Google Cloud", BuildServiceIdentities.GoogleCloudAsync),
        ("projected token", c => Task.FromResult(c.ProjectedTokenPath is { } path && File.Exists(path) ? AmbientContext.ReadToken(path) : null)),
    ];

    /// <summary>The identity token of this environment and what gave it; null where the environment has none.</summary>
    /// <exception cref="SigstoreException">The environment says that it has one, and does not give it.</exception>
    public static async Task<(IdentityToken Token, string Source)?> FindAsync(AmbientContext context)
    {
        foreach (var (name, find) in Sources)
        {
            if (await find(context).ConfigureAwait(false) is { Length: > 0 } token)
            {
                return (IdentityToken.Parse(token), name);
            }
        }

        return null;
    }
}

/// <summary>What an ambient identity is looked for with.</summary>
/// <param name="Http">The client.</param>
/// <param name="Environment">Reads an environment variable; null where it is not set.</param>
/// <param name="Audience">Whom the token is for.</param>
/// <param name="CancellationToken">Cancels.</param>
public sealed record AmbientContext(HttpClient Http, Func<string, string?> Environment, string Audience, CancellationToken CancellationToken)
{
    private const int MaxTokenBytes = 64 << 10;

    /// <summary>Where Kubernetes projects a token for signing; null to leave it out.</summary>
    public string? ProjectedTokenPath { get; init; } = "/var/run/sigstore/cosign/oidc-token";

    /// <summary>The file that names the machine's product; Google's name stands for its metadata service.</summary>
    public string ProductNamePath { get; init; } = "/sys/class/dmi/id/product_name";

    /// <summary>Google Cloud's metadata service.</summary>
    public Uri GoogleMetadata { get; init; } = new("http://metadata.google.internal/");

    internal string? Variable(string name) => Environment(name) is { Length: > 0 } value ? value : null;

    /// <exception cref="SigstoreException">It cannot be read.</exception>
    internal static string ReadToken(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxTokenBytes ? File.ReadAllText(path).Trim() : throw new SigstoreException(SigstoreError.Malformed, $"the token file {path} is too long for a token");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SigstoreException(SigstoreError.Malformed, $"the token file {path} cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }
}
