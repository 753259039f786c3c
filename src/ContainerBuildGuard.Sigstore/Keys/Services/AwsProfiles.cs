namespace ContainerBuildGuard.Sigstore;

/// <summary>Credentials of a profile in AWS's shared files (AWS SDKs and Tools Reference Guide, "Shared config and credentials files").</summary>
internal static class AwsProfiles
{
    private const int MaxBytes = 1 << 20;
    private const int MaxChain = 5;

    /// <summary>Those of the named profile, else of the one called <c>default</c>; null where nobody named one and there is none.</summary>
    public static async Task<AwsCredentials?> FindAsync(AwsContext context, string region) => Name(context) is { } name
        ? await ResolveAsync(context, region, name, MaxChain).ConfigureAwait(false) ?? throw new KeyException($"The AWS profile '{name}', which AWS_PROFILE names, has no credentials: check {Path(context, "AWS_CONFIG_FILE", "config")} and {Path(context, "AWS_SHARED_CREDENTIALS_FILE", "credentials")}.")
        : await ResolveAsync(context, region, "default", MaxChain).ConfigureAwait(false);

    /// <summary>The region of the profile; null where it has none.</summary>
    public static string? Region(AwsContext context) => Read(context, Name(context) ?? "default").GetValueOrDefault("region");

    private static string? Name(AwsContext context) => context.Variable("AWS_PROFILE") ?? context.Variable("AWS_DEFAULT_PROFILE");

    private static async Task<AwsCredentials?> ResolveAsync(AwsContext context, string region, string name, int chain)
    {
        var profile = Read(context, name);
        if (profile.GetValueOrDefault("role_arn") is { } role)
        {
            var session = profile.GetValueOrDefault("role_session_name");
            return profile.GetValueOrDefault("web_identity_token_file") is { } file
                ? await AwsTokenService.WithWebIdentityAsync(context, region, role, file, session).ConfigureAwait(false)
                : await AwsTokenService.AssumeAsync(context, region, await SourceAsync(context, region, name, profile, chain).ConfigureAwait(false), role, session, profile.GetValueOrDefault("external_id")).ConfigureAwait(false);
        }

        return Static(profile)
            ?? (profile.GetValueOrDefault("sso_session") is { } sso ? await AwsSingleSignOn.FindAsync(context, name, profile, Section(context, $"sso-session {sso}")).ConfigureAwait(false)
            : profile.ContainsKey("sso_start_url") ? await AwsSingleSignOn.FindAsync(context, name, profile, null).ConfigureAwait(false)
            : profile.GetValueOrDefault("credential_process") is { } command ? await AwsCredentialProcess.RunAsync(context, name, command).ConfigureAwait(false)
            : null);
    }

    private static async Task<AwsCredentials> SourceAsync(AwsContext context, string region, string name, Dictionary<string, string> profile, int chain)
    {
        var found = (profile.GetValueOrDefault("source_profile"), profile.GetValueOrDefault("credential_source")) switch
        {
            // A profile that names itself means the keys beside the role.
            ({ } source, _) when source == name => Static(profile),
            ({ } source, _) => chain > 0 ? await ResolveAsync(context, region, source, chain - 1).ConfigureAwait(false) : throw new KeyException($"The AWS profile '{name}' is one of too many that name each other as their source."),
            (null, "Environment") => AwsCredentialSources.FromVariables(context),
            (null, "EcsContainer") => await AwsMetadata.FromContainerAsync(context).ConfigureAwait(false),
            (null, "Ec2InstanceMetadata") => await AwsMetadata.FromInstanceAsync(context).ConfigureAwait(false),
            _ => null,
        };
        return found ?? throw new KeyException($"The AWS profile '{name}' takes a role, and nothing gives the credentials to take it with: name a source_profile, a credential_source or a web_identity_token_file.");
    }

    private static AwsCredentials? Static(Dictionary<string, string> profile) =>
        profile.GetValueOrDefault("aws_access_key_id") is { } id && profile.GetValueOrDefault("aws_secret_access_key") is { } secret ? new AwsCredentials(id, secret, profile.GetValueOrDefault("aws_session_token")) : null;

    /// <summary>A profile's settings of both files; where both have one, the credentials file counts.</summary>
    private static Dictionary<string, string> Read(AwsContext context, string name)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        ReadSection(Path(context, "AWS_CONFIG_FILE", "config"), name == "default" ? ["default", "profile default"] : [$"profile {name}"], settings);
        ReadSection(Path(context, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), [name], settings);
        return settings;
    }

    private static Dictionary<string, string> Section(AwsContext context, string section)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        ReadSection(Path(context, "AWS_CONFIG_FILE", "config"), [section], settings);
        return settings;
    }

    private static void ReadSection(string path, string[] sections, Dictionary<string, string> settings)
    {
        if (new FileInfo(path) is not { Exists: true, Length: <= MaxBytes })
        {
            return;
        }

        try
        {
            var inside = false;
            foreach (var line in File.ReadLines(path))
            {
                if (line.StartsWith('['))
                {
                    var end = line.IndexOf(']', StringComparison.Ordinal);
                    inside = end > 0 && sections.Contains(string.Join(' ', line[1..end].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)));
                }

                // Indented lines belong to a setting of several parts, of which none is asked for here.
                else if (inside && line.Length > 0 && line[0] is not ('#' or ';' or ' ' or '\t') && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals && line[(equals + 1)..].Trim() is { Length: > 0 } value)
                {
                    settings[line[..equals].Trim()] = value;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyException($"The AWS file '{path}' cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    /// <summary>The user's folder.</summary>
    public static string Home(AwsContext context) => context.Variable("HOME") ?? context.Variable("USERPROFILE") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private static string Path(AwsContext context, string variable, string file) => context.Variable(variable) ?? System.IO.Path.Combine(Home(context), ".aws", file);
}
