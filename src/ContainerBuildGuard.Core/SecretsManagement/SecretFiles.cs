namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Files that are credentials by what they are: their name says how to read them.</summary>
internal static class SecretFiles
{
    public const string PasswordFile = "password-file";

    private static readonly ByteSet NotSpace = ByteSet.Of("!-~");

    /// <summary>What the file is; null where its name says nothing.</summary>
    public static string? Kind(string path)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        return name switch
        {
            "id_rsa" or "id_ed25519" or "id_ecdsa" or "id_dsa" => "an SSH private key",
            ".bash_history" or ".zsh_history" or ".mysql_history" or ".psql_history" or ".sqlite_history" or ".python_history" or ".node_repl_history" => "a history of commands, which often hold passwords",
            "msal_token_cache.json" or "accessTokens.json" when path.Contains(".azure/", StringComparison.Ordinal) => "tokens of the Azure CLI",
            "access_tokens.db" or "credentials.db" when path.Contains("gcloud/", StringComparison.Ordinal) => "tokens of the Google Cloud CLI",
            "secrets.json" when path.Contains("usersecrets/", StringComparison.OrdinalIgnoreCase) => "a store of user secrets",
            _ => null,
        };
    }

    /// <summary>Places of passwords in a file whose name says that it holds little else.</summary>
    public static IEnumerable<Range> Passwords(ReadOnlyMemory<byte> bytes, FileContext file) => file.Name switch
    {
        ".pgpass" or "pgpass.conf" => Lines(bytes).Select(l => Last(bytes, l, (byte)':', 4)).OfType<Range>(),
        "sasl_passwd" => Lines(bytes).Select(l => Last(bytes, l, (byte)':', 2)).OfType<Range>(),
        ".htpasswd" => Lines(bytes).Select(l => Last(bytes, l, (byte)':', 1, mayBeHash: true)).OfType<Range>(),
        _ when IsMountedSecret(file) && bytes.Length is > 7 and < 512 => Lines(bytes).Take(1).Where(l => IsOneWord(bytes.Span[l])),
        _ => [],
    };

    /// <summary>Documentation of a distribution, full of examples.</summary>
    public static bool IsDocumentation(string path) =>
        path.StartsWith("usr/share/doc/", StringComparison.Ordinal) || path.StartsWith("usr/share/man/", StringComparison.Ordinal)
        || path.StartsWith("usr/share/locale/", StringComparison.Ordinal) || path.StartsWith("usr/share/perl/", StringComparison.Ordinal);

    /// <summary>A file that is named by its secret and holds nothing else: <c>secrets/db_password</c>.</summary>
    private static bool IsMountedSecret(FileContext file) =>
        SecretNames.Classify(System.Text.Encoding.UTF8.GetBytes(Path.GetFileNameWithoutExtension(file.Name))) is NameKind.Password or NameKind.Secret && Path.GetExtension(file.Name) is "" or ".txt" or ".secret";

    private static bool IsOneWord(ReadOnlySpan<byte> text) => text.Count((byte)':') < 3 && (SecretValues.IsPassword(text, isCertain: false, isQuoted: true) || SecretValues.IsGenerated(text, 16, acceptsGuid: true));

    private static Range? Last(ReadOnlyMemory<byte> bytes, Range line, byte separator, int separators, bool mayBeHash = false)
    {
        var (start, length) = line.GetOffsetAndLength(bytes.Length);
        var text = bytes.Span.Slice(start, length);
        var last = text.LastIndexOf(separator);
        return text.Length > 0 && text[0] != '#' && text.Count(separator) == separators && text.Length - last > 4 && NotSpace.IsAll(text[(last + 1)..]) && ((mayBeHash && text[last + 1] is (byte)'$' or (byte)'{') || !Placeholders.IsPlaceholder(text[(last + 1)..]))
            ? (start + last + 1)..(start + length) : null;
    }

    private static IEnumerable<Range> Lines(ReadOnlyMemory<byte> bytes)
    {
        for (var start = 0; start < bytes.Length;)
        {
            var end = bytes.Span[start..].IndexOf((byte)'\n') is >= 0 and var found ? start + found : bytes.Length;
            var trimmed = bytes.Span[start..end].TrimEnd("\r "u8).Length;
            yield return start..(start + trimmed);
            start = end + 1;
        }
    }
}
