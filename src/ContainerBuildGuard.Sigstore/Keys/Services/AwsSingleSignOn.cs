using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Roles by IAM Identity Center (AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider"): with the token that <c>aws sso login</c> left on this machine. Nobody is signed in here.</summary>
internal static class AwsSingleSignOn
{
    private const int MaxBytes = 64 << 10;
    private const string Service = "AWS IAM Identity Center";

    /// <param name="context">What to look with.</param>
    /// <param name="name">The profile's name.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="session">The <c>sso-session</c> that it names; null where the profile itself has the settings.</param>
    /// <exception cref="KeyException">A setting is missing, nobody is signed in, or the service refuses.</exception>
    public static async Task<AwsCredentials> FindAsync(AwsContext context, string name, Dictionary<string, string> profile, Dictionary<string, string>? session)
    {
        string Setting(Dictionary<string, string> of, string setting) => of.GetValueOrDefault(setting) ?? throw new KeyException($"The AWS profile '{name}' signs in by SSO and lacks {setting}.");
        var region = Setting(session ?? profile, "sso_region");
        var token = ReadToken(context, name, session is null ? Setting(profile, "sso_start_url") : profile["sso_session"]);
        var address = context.Address("AWS_ENDPOINT_URL_SSO", "portal.sso", region, Service);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, $"/federation/credentials?role_name={Uri.EscapeDataString(Setting(profile, "sso_role_name"))}&account_id={Uri.EscapeDataString(Setting(profile, "sso_account_id"))}"));
        request.Headers.TryAddWithoutValidation("x-amz-sso_bearer_token", token);
        var answer = await KeyServiceCall.SendAsync(context.Http, request, Service, context.CancellationToken).ConfigureAwait(false);
        string Text(string member) => answer.Text(Service, "roleCredentials", member);
        return new AwsCredentials(Text("accessKeyId"), Text("secretAccessKey"), Text("sessionToken"));
    }

    /// <summary>The token that is kept under the session's name, or under the address where one signs in.</summary>
    private static string ReadToken(AwsContext context, string profile, string session)
    {
#pragma warning disable CA5350 // A file's name by AWS's rule, and no protection.
        var file = Path.Combine(AwsProfiles.Home(context), ".aws", "sso", "cache", $"{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(session)))}.json");
#pragma warning restore CA5350
        try
        {
            if (new FileInfo(file) is not { Exists: true, Length: <= MaxBytes })
            {
                throw new KeyException(SignIn(profile, "nobody is signed in"));
            }

            var kept = KeyServiceCall.Parse(File.ReadAllBytes(file), $"The file '{file}'");
            var end = kept.Text($"The file '{file}'", "expiresAt").Replace("UTC", "Z", StringComparison.Ordinal);
            var token = kept.Text($"The file '{file}'", "accessToken");
            return !DateTimeOffset.TryParse(end, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || time <= DateTimeOffset.UtcNow ? throw new KeyException(SignIn(profile, "the sign-in has expired"))
                : token.Length > 0 && token.All(c => c is > ' ' and < (char)127) ? token
                : throw new KeyException(SignIn(profile, "the token that is kept is none"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyException($"The file '{file}' cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static string SignIn(string profile, string reason) => $"The AWS profile '{profile}' signs in by SSO, and {reason}: run `aws sso login --profile {profile}`.";
}
