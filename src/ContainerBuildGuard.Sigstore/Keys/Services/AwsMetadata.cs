using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Credentials of the role that a container or a machine has, by the services that AWS runs beside it.</summary>
internal static class AwsMetadata
{
    private const string Container = "The container's credential service";
    private const string Instance = "The instance metadata service";
    private const string Roles = "latest/meta-data/iam/security-credentials/";

    /// <summary>Where no such service is, its address answers nothing: that must not hold up a run for long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly string[] ContainerHosts = ["169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"];

    /// <summary>ECS, Fargate, CodeBuild (a path) and EKS Pod Identity (an address and a token); null where the environment names none.</summary>
    public static async Task<AwsCredentials?> FromContainerAsync(AwsContext context)
    {
        Uri address;
        if (context.Variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") is { } path)
        {
            address = new Uri($"http://{ContainerHosts[0]}/{path.TrimStart('/')}");
        }
        else if (context.Variable("AWS_CONTAINER_CREDENTIALS_FULL_URI") is { } full)
        {
            // The token must not go in the clear to just any host.
            address = Uri.TryCreate(full, UriKind.Absolute, out var uri) && (uri.Scheme == "https" || (uri.Scheme == "http" && (uri.IsLoopback || ContainerHosts.Contains(uri.Host))))
                ? uri
                : throw new KeyException("AWS_CONTAINER_CREDENTIALS_FULL_URI is neither an https address nor one of this machine or of AWS's container services.");
        }
        else
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var token = context.Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") is { } file ? await TokenFile.ReadAsync(file, context.CancellationToken).ConfigureAwait(false) : context.Variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
        if (token is not null && !request.Headers.TryAddWithoutValidation("Authorization", token))
        {
            throw new KeyException("AWS_CONTAINER_AUTHORIZATION_TOKEN is no token.");
        }

        return Read(await KeyServiceCall.SendAsync(context.Http, request, Container, context.CancellationToken).ConfigureAwait(false), Container);
    }

    /// <summary>EC2 by version 2 of its protocol, which needs a session; null where no such service answers or the machine has no role.</summary>
    public static async Task<AwsCredentials?> FromInstanceAsync(AwsContext context)
    {
        if (string.Equals(context.Variable("AWS_EC2_METADATA_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var service = new Uri((context.Variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") ?? "http://169.254.169.254").TrimEnd('/') + "/");
        if (await AskAsync(context, HttpMethod.Put, new Uri(service, "latest/api/token"), ("X-aws-ec2-metadata-token-ttl-seconds", "300")).ConfigureAwait(false) is not { } session)
        {
            return null;
        }

        var header = ("X-aws-ec2-metadata-token", Encoding.ASCII.GetString(session));
        var roles = await AskAsync(context, HttpMethod.Get, new Uri(service, Roles), header).ConfigureAwait(false);
        if (roles is null || Encoding.ASCII.GetString(roles).Split('\n')[0].Trim() is not { Length: > 0 } role)
        {
            return null;
        }

        var answer = await AskAsync(context, HttpMethod.Get, new Uri(service, Roles + Uri.EscapeDataString(role)), header).ConfigureAwait(false);
        return answer is null ? throw new KeyException($"{Instance} names a role and has no credentials of it.") : Read(KeyServiceCall.Parse(answer, Instance), Instance);
    }

    private static AwsCredentials Read(JsonElement answer, string service) =>
        new(answer.Text(service, "AccessKeyId"), answer.Text(service, "SecretAccessKey"), answer.Text(service, "Token"));

    /// <summary>The answer; null where nothing is there.</summary>
    private static async Task<byte[]?> AskAsync(AwsContext context, HttpMethod method, Uri address, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await KeyServiceCall.SendForBytesAsync(context.Http, request, Instance, limit.Token).ConfigureAwait(false);
        }
        catch (KeyException)
        {
            // Other clouds answer at this address too, in their own way.
            return null;
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
