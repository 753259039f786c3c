using System.Text.RegularExpressions;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>Tells a variable, option or URL that carries a credential from one that only speaks of one.</summary>
internal static partial class CredentialWords
{
    /// <summary>A name that says the value is a credential.</summary>
    public static bool IsCredentialName(string name) =>
        NamePattern().IsMatch(name) && !HarmlessNamePattern().IsMatch(name);

    /// <summary>A value that stands in the file and could be a real credential: not empty, not a placeholder, not a reference, not a path or a switch.</summary>
    public static bool IsLiteral(string? value) =>
        value is { Length: > 0 } && !PlaceholderPattern().IsMatch(value) && !(value.Length < 64 && value.StartsWith("/run/secrets/", StringComparison.Ordinal));

    /// <summary>The scheme and host of a URL that carries a password of its own.</summary>
    public static string? UrlWithPassword(string text)
    {
        var match = UrlPattern().Match(text);
        return match.Success && IsLiteral(match.Groups["password"].Value) ? match.Groups["scheme"].Value + "://…@" + match.Groups["host"].Value : null;
    }

    /// <summary>A connection string's password, by its key.</summary>
    public static bool HasConnectionPassword(string text) =>
        ConnectionPattern().Match(text) is { Success: true } match && IsLiteral(match.Groups["password"].Value);

    /// <summary>The option of a command that is followed by a credential: <c>--password=…</c>, <c>-pSecret</c> of mysql is left alone.</summary>
    public static string? OptionWithCredential(string text) =>
        OptionPattern().Match(text) is { Success: true } match && IsLiteral(match.Groups["value"].Value.Trim('"', '\'')) ? match.Groups["option"].Value : null;

    public static bool IsCredentialOption(string text) => BareOptionPattern().IsMatch(text);

    [GeneratedRegex(@"(?i:password|passwd|passphrase)|(?:^|[_.\-])(?i:pwd|pass|secret|token|api[_\-]?key|access[_\-]?key|private[_\-]?key|credentials?|connection[_\-]?string)s?(?:$|[_.\-\d])|[a-z](?:Secret|Token|ApiKey|AccessKey|PrivateKey|ConnectionString)s?(?:$|[_.\-\dA-Z])|^(?i:ConnectionStrings__)", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();

    [GeneratedRegex(@"(?:_FILE|_PATH|_DIR|_NAME|_ID|_URL|_URI|_HOST|_TTL|_EXPIR\w*|_LENGTH|_MIN\w*|_MAX\w*|_ENABLED|_REQUIRED|_POLICY|_TYPE|_ENDPOINT|_LIFETIME|_ALGORITHM)$|ALLOW_EMPTY|RANDOM_.*PASSWORD|^GPG_KEYS?$|PUBLIC", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex HarmlessNamePattern();

    [GeneratedRegex(@"^(?:\$\{?.*|.*\$\{.*\}.*|\$\(.*\)|<.*>|\{\{.*\}\}|%.*%|x{3,}|\*+|\.{3}|(?:true|false|yes|no|none|null|nil|0|1)|todo|tbd|placeholder|redacted)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex PlaceholderPattern();

    [GeneratedRegex(@"(?<scheme>[a-z][a-z0-9+.\-]{1,20})://[^\s/:@'""]{0,100}:(?<password>[^\s/@'""]{1,200})@(?<host>[A-Za-z0-9.\-]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UrlPattern();

    [GeneratedRegex(@"(?:^|;)\s*(?:password|pwd|accountkey|sharedaccesskey)\s*=\s*(?<password>[^;]+)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConnectionPattern();

    [GeneratedRegex(@"(?<option>--?(?:[a-z\-]*-)?(?:password|passwd|requirepass|secret|token|api-?key))[= ]+(?<value>[^\s-][^\s]*)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OptionPattern();

    [GeneratedRegex(@"^--?(?:[a-z\-]*-)?(?:password|passwd|requirepass|secret|token|api-?key)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex BareOptionPattern();
}
