using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Roles by AWS's Security Token Service (AWS STS API: AssumeRole, AssumeRoleWithWebIdentity).</summary>
internal static class AwsTokenService
{
    private const string Service = "AWS STS";
    private const string DefaultSession = "containerbuildguard";

    public static async Task<AwsCredentials> WithWebIdentityAsync(AwsContext context, string region, string role, string tokenFile, string? session) => await AskAsync(context, region, null, new()
    {
        ["Action"] = "AssumeRoleWithWebIdentity",
        ["RoleArn"] = role,
        ["RoleSessionName"] = session ?? DefaultSession,
        ["WebIdentityToken"] = await TokenFile.ReadAsync(tokenFile, context.CancellationToken).ConfigureAwait(false),
    }).ConfigureAwait(false);

    public static Task<AwsCredentials> AssumeAsync(AwsContext context, string region, AwsCredentials source, string role, string? session, string? externalId)
    {
        var fields = new Dictionary<string, string> { ["Action"] = "AssumeRole", ["RoleArn"] = role, ["RoleSessionName"] = session ?? DefaultSession };
        if (externalId is not null)
        {
            fields["ExternalId"] = externalId;
        }

        return AskAsync(context, region, source, fields);
    }

    private static async Task<AwsCredentials> AskAsync(AwsContext context, string region, AwsCredentials? source, Dictionary<string, string> fields)
    {
        fields["Version"] = "2011-06-15";
        using var request = new HttpRequestMessage(HttpMethod.Post, context.Address("AWS_ENDPOINT_URL_STS", "sts", region, Service)) { Content = new FormUrlEncodedContent(fields) };
        if (source is not null)
        {
            await source.Signer(region, "sts").SignAsync(request, DateTimeOffset.UtcNow, context.CancellationToken).ConfigureAwait(false);
        }

        return Read(await KeyServiceCall.SendForBytesAsync(context.Http, request, Service, context.CancellationToken).ConfigureAwait(false));
    }

    private static AwsCredentials Read(byte[] answer)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(Encoding.UTF8.GetString(answer)), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var credentials = XDocument.Load(reader).Descendants().FirstOrDefault(e => e.Name.LocalName == "Credentials");
            string Text(string name) => credentials?.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value is { Length: > 0 } value ? value : throw new KeyException(string.Create(CultureInfo.InvariantCulture, $"{Service} answered without '{name}'."));
            return new AwsCredentials(Text("AccessKeyId"), Text("SecretAccessKey"), Text("SessionToken"));
        }
        catch (XmlException e)
        {
            throw new KeyException($"{Service} answered with something else than XML.", e);
        }
    }
}
