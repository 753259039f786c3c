using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Passwords among the arguments of commands whose option for it has no telling name: <c>sqlcmd -P</c>, <c>redis-cli -a</c>, <c>net use</c>.</summary>
internal static class CommandLines
{
    private const int LongestLine = 500;
    private static readonly ByteSet NotSpace = ByteSet.Of("!-~");
    private static readonly ByteSet Letters = ByteSet.Of("A-Za-z");

    /// <summary>How an option and its value stand together.</summary>
    public enum Form
    {
        /// <summary>A blank or an equals sign between the two.</summary>
        Apart,

        /// <summary>Apart, or with nothing between the two.</summary>
        Either,

        /// <summary>Nothing between: mysql asks for the password where a blank follows.</summary>
        Glued,

        /// <summary>Apart, and the value is <c>user:password</c>, <c>user%password</c> or <c>user,password</c>.</summary>
        Login,

        /// <summary>No option: the argument with this number, options not counted.</summary>
        Place,

        /// <summary>No option: the argument behind the share's name, among switches.</summary>
        Share,
    }

    /// <summary>Where a command takes a password; <c>IsSure</c> where the option means a password and nothing else, so that a word will do.</summary>
    public sealed record Rule(string Command, Form Form, string[] Options, bool IsSure = false, int Place = 0);

    public static ImmutableArray<Rule> Rules { get; } =
    [
        new("curl ", Form.Login, [" -u", " --user", " --proxy-user"]), new("wget ", Form.Login, [" --user"]), new("http ", Form.Login, [" -a", " --auth"]), new("skopeo ", Form.Login, [" --creds", " --src-creds", " --dest-creds"]), new("lftp ", Form.Login, [" -u"]), new("smbclient ", Form.Login, [" -U"]),
        new("sshpass ", Form.Either, [" -p"], IsSure: true), new("mysql ", Form.Glued, [" -p"], IsSure: true), new("mysqldump ", Form.Glued, [" -p"], IsSure: true), new("mysqladmin ", Form.Glued, [" -p"], IsSure: true), new("mariadb ", Form.Glued, [" -p"], IsSure: true),
        new("sqlcmd ", Form.Either, [" -P"], IsSure: true), new("bcp ", Form.Either, [" -P"], IsSure: true), new("isql ", Form.Either, [" -P"]), new("osql ", Form.Either, [" -P"], IsSure: true), new("mosquitto_pub ", Form.Apart, [" -P"], IsSure: true), new("mosquitto_sub ", Form.Apart, [" -P"], IsSure: true), new("zip -", Form.Either, [" -P"]), new("unzip ", Form.Either, [" -P"]),
        new("docker login ", Form.Apart, [" -p"]), new("podman login ", Form.Apart, [" -p"]), new("helm registry login ", Form.Apart, [" -p"]), new("oras login ", Form.Apart, [" -p"]), new("buildah login ", Form.Apart, [" -p"]), new("crane auth login ", Form.Apart, [" -p"]), new("oc login ", Form.Apart, [" -p"]), new("cf login ", Form.Apart, [" -p"]),
        new("az login ", Form.Apart, [" -p"]), new("az sql ", Form.Apart, [" -p"]), new("az postgres ", Form.Apart, [" -p"]), new("az mysql ", Form.Apart, [" -p"]), new("az acr ", Form.Apart, [" -p"]), new("mongo ", Form.Apart, [" -p"]), new("mongosh ", Form.Apart, [" -p"]), new("mongodump ", Form.Apart, [" -p"]), new("mongorestore ", Form.Apart, [" -p"]), new("cqlsh ", Form.Apart, [" -p"]), new("psexec ", Form.Apart, [" -p"]), new("plink ", Form.Apart, [" -pw"], IsSure: true), new("pscp ", Form.Apart, [" -pw"], IsSure: true), new("dotnet nuget add source ", Form.Apart, [" -p"]),
        new("redis-cli ", Form.Apart, [" -a"], IsSure: true), new("ldapsearch ", Form.Apart, [" -w"], IsSure: true), new("ldapadd ", Form.Apart, [" -w"], IsSure: true), new("ldapmodify ", Form.Apart, [" -w"], IsSure: true), new("ldappasswd ", Form.Apart, [" -w", " -s"], IsSure: true), new("rcon-cli ", Form.Apart, [" -p"]), new("ipmitool ", Form.Apart, [" -P"], IsSure: true),
        new("signtool ", Form.Apart, [" /p"], IsSure: true), new("schtasks ", Form.Apart, [" /rp"], IsSure: true), new("cmdkey ", Form.Either, [" /pass:"], IsSure: true), new("keytool ", Form.Apart, [" -storepass", " -keypass", " -srcstorepass", " -deststorepass"], IsSure: true), new("jarsigner ", Form.Apart, [" -storepass", " -keypass"], IsSure: true),
        new("openssl ", Form.Either, [" -passin pass:", " -passout pass:", " -pass pass:", " pass:"], IsSure: true), new("openssl passwd ", Form.Apart, [" -1", " -5", " -6", " -apr1", " -crypt"]), new("openssl enc ", Form.Apart, [" -k"]),
        new("net user ", Form.Place, [], Place: 1), new("net use ", Form.Share, []), new("rabbitmqctl add_user ", Form.Place, [], Place: 1), new("rabbitmqctl change_password ", Form.Place, [], Place: 1), new("htpasswd -b", Form.Place, [], Place: 2), new("htpasswd -cb", Form.Place, [], Place: 2), new("mysqladmin password ", Form.Place, [], Place: 0), new("nuget setapikey ", Form.Place, [], Place: 0),
    ];

    public static ImmutableArray<string> Commands { get; } = [.. Rules.Select(r => r.Command).Distinct()];

    public static bool Match(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        if (hit > 0 && Letters.Contains(bytes[hit - 1]))
        {
            return false;
        }

        var line = bytes[hit..Math.Min(bytes.Length, hit + LongestLine)];
        line = line.IndexOfAny("\r\n|"u8) is >= 0 and var end ? line[..end] : line;
        foreach (var rule in Rules)
        {
            if (rule.Command.Length == keywordLength && System.Text.Ascii.Equals(line[..keywordLength], rule.Command) && Find(line, keywordLength, rule) is { } value && IsPassword(line[value], rule))
            {
                found = new Found(hit + value.Start.Value, hit + value.End.Value);
                return true;
            }
        }

        return false;
    }

    private static bool IsPassword(ReadOnlySpan<byte> value, Rule rule) =>
        value.Length >= 5 && value[0] is not ((byte)'$' or (byte)'-' or (byte)'%' or (byte)'<' or (byte)'/' or (byte)'"' or (byte)'\'') && !Placeholders.IsPlaceholder(value) && value.IndexOf("://"u8) < 0
        && (rule.Form == Form.Login || rule.IsSure || Randomness.Kinds(value).Digits > 0);

    private static Range? Find(ReadOnlySpan<byte> line, int start, Rule rule)
    {
        if (rule.Form == Form.Place)
        {
            return Argument(line, start, rule.Place);
        }

        if (rule.Form == Form.Share)
        {
            return BehindShare(line, start);
        }

        foreach (var option in rule.Options)
        {
            for (var from = start - 1; Next(line, from, option) is { } at; from = at)
            {
                var isApart = at < line.Length && line[at] is (byte)' ' or (byte)'=';
                if (at < line.Length && (isApart ? rule.Form != Form.Glued : rule.Form is Form.Either or Form.Glued) && Word(line, isApart ? at + 1 : at) is { } word)
                {
                    return rule.Form != Form.Login ? word : line[word].IndexOfAny((byte)':', (byte)'%', (byte)',') is > 0 and var separator ? (word.Start.Value + separator + 1)..word.End.Value : null;
                }
            }
        }

        return null;
    }

    /// <summary>Behind the next <paramref name="option"/>.</summary>
    private static int? Next(ReadOnlySpan<byte> line, int from, string option)
    {
        Span<byte> text = stackalloc byte[option.Length];
        System.Text.Encoding.ASCII.GetBytes(option, text);
        return line[from..].IndexOf(text) is >= 0 and var at ? from + at + option.Length : null;
    }

    private static Range? Argument(ReadOnlySpan<byte> line, int start, int place)
    {
        for (var argument = 0; Word(line, start) is { } word; argument += word.End.Value > word.Start.Value && line[word.Start.Value] == '-' ? 0 : 1)
        {
            if (word.End.Value == word.Start.Value || (argument == place && line[word.Start.Value] != '-'))
            {
                return word.End.Value > word.Start.Value ? word : null;
            }

            start = word.End.Value + (word.End.Value < line.Length && line[word.End.Value] is (byte)'"' or (byte)'\'' ? 1 : 0);
        }

        return null;
    }

    private static Range? BehindShare(ReadOnlySpan<byte> line, int start)
    {
        for (var isBehind = false; Word(line, start) is { } word && word.End.Value > word.Start.Value; start = word.End.Value + (word.End.Value < line.Length && line[word.End.Value] is (byte)'"' or (byte)'\'' ? 1 : 0))
        {
            if (isBehind && line[word.Start.Value] is not ((byte)'/' or (byte)'*'))
            {
                return word;
            }

            isBehind |= line[word].StartsWith("\\\\"u8);
        }

        return null;
    }

    /// <summary>The word from <paramref name="start"/> on, without its quotes.</summary>
    private static Range? Word(ReadOnlySpan<byte> line, int start)
    {
        start += Math.Max(0, line[Math.Min(start, line.Length)..].IndexOfAnyExcept((byte)' '));
        if (start >= line.Length)
        {
            return null;
        }

        if (line[start] is (byte)'"' or (byte)'\'')
        {
            return line[(start + 1)..].IndexOf(line[start]) is > 0 and var close ? (start + 1)..(start + 1 + close) : null;
        }

        var word = line.Slice(start, NotSpace.Prefix(line[start..]));
        word = word.IndexOfAny("\"'`"u8) is > 0 and var quote ? word[..quote] : word;
        return start..(start + word.TrimEnd("\\,;)"u8).Length);
    }
}
