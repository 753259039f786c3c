using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A password among the settings of a connection string: ADO.NET, ODBC, JDBC, StackExchange.Redis, Service Bus.</summary>
internal static class ConnectionStrings
{
    private const int Reach = 700;
    private const int LongestPassword = 256;

    private static readonly ByteSet EndOfValue = ByteSet.Of(";, }'\"\r\n<>`");
    private static readonly ByteSet Around = ByteSet.Of("\"\r\n<>`");

    private static readonly string[] Settings =
    [
        "server", "data source", "datasource", "host", "hostname", "addr", "address", "network address", "initial catalog", "database", "db", "user id", "userid", "uid", "user", "username", "user name", "endpoint", "accountendpoint", "port", "provider", "driver", "sslmode", "ssl mode", "encrypt",
        "integrated security", "trusted_connection", "persist security info", "multipleactiveresultsets", "trustservercertificate", "ssl", "abortconnect", "defaultdatabase", "pooling", "timeout", "dbname", "sslrootcert", "connection timeout", "connect timeout", "service name", "account", "warehouse", "allowadmin", "virtualhost", "url", "keyspace", "contact points",
    ];

    /// <summary>An equals sign comes next, after spaces at most.</summary>
    public static bool MayFollow(ReadOnlySpan<byte> bytes, int nameEnd) => bytes[nameEnd..].TrimStart((byte)' ') is [(byte)'=', ..];

    /// <summary>The name from <paramref name="nameStart"/> to <paramref name="nameEnd"/> says password, and <c>=</c> follows.</summary>
    public static bool TryMatch(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd, out Found found)
    {
        found = default;
        var equals = nameEnd + Math.Max(0, bytes[nameEnd..].IndexOfAnyExcept((byte)' '));
        if (equals >= bytes.Length || bytes[equals] != '=')
        {
            return false;
        }

        // What runs on and on is no value: without an end the extent need not be looked at.
        if (bytes.Length - equals > LongestPassword && EndOfValue.IndexIn(bytes.Slice(equals + 1, LongestPassword)) < 0)
        {
            return false;
        }

        var (start, end) = Extent(bytes, nameStart);
        var text = bytes[start..end];
        if (equals >= end || text.Count((byte)'=') is < 2 or > 40 || (CountSettings(text, (byte)';') == 0 && CountSettings(text, (byte)' ') < 2 && !BeginsWithHost(text)))
        {
            return false;
        }

        var value = Value(bytes, equals + 1, end);
        var password = bytes[value.Start..value.End];
        if (password.Length < 2 || (SecretValues.IsCode(password) && (text.IndexOf((byte)';') < 0 || password[^1] is (byte)')' or (byte)']')) || (password[^1] == '=' && text.IndexOfAny((byte)';', (byte)',') < 0) || password.Length > LongestPassword || Placeholders.IsReference(password) || password.IndexOf((byte)' ') >= 0 || (Placeholders.IsPlaceholder(password) && !EndsInDigits(password)) || password.IndexOf("****"u8) >= 0)
        {
            return false;
        }

        found = new Found(value.Start, value.End);
        return true;
    }

    /// <summary>Documented samples such as <c>Your_password123</c> are the passwords of real servers.</summary>
    private static bool EndsInDigits(ReadOnlySpan<byte> password) => password.Length > 8 && password.Length - 1 - password.LastIndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 3 and <= 5 && password.IndexOf("xxx"u8) < 0 && Randomness.Kinds(password).Upper > 0;

    private static (int Start, int End) Value(ReadOnlySpan<byte> bytes, int start, int end)
    {
        start += bytes[start..end].IndexOfAnyExcept(" "u8) is > 0 and var space ? space : 0;
        var value = bytes[start..end];
        if (value.Length > 1 && value[0] is (byte)'\'' or (byte)'{' && value[1..].IndexOf(value[0] == '{' ? (byte)'}' : (byte)'\'') is > 0 and var close)
        {
            return (start + 1, start + 1 + close);
        }

        var separator = value.IndexOf((byte)';');
        if (separator < 0)
        {
            separator = value.IndexOfAny((byte)',', (byte)' ');
        }

        return (start, start + (separator < 0 ? value : value[..separator]).TrimEnd(" \\"u8).Length);
    }

    /// <summary>The string around the name: up to a quote, a tag or the line's end.</summary>
    private static (int Start, int End) Extent(ReadOnlySpan<byte> bytes, int at)
    {
        var from = Math.Max(0, at - Reach);
        var before = Around.LastIndexIn(bytes[from..at]);
        var to = Math.Min(bytes.Length, at + Reach);
        var after = Around.IndexIn(bytes[at..to]);
        return (before < 0 ? from : from + before + 1, after < 0 ? to : at + after);
    }

    /// <summary>StackExchange.Redis: <c>host:6380,password=…</c>.</summary>
    private static bool BeginsWithHost(ReadOnlySpan<byte> text)
    {
        var comma = text.IndexOf((byte)',');
        var first = comma < 0 ? [] : text[..comma];
        var colon = first.LastIndexOf((byte)':');
        return colon > 0 && colon + 1 < first.Length && !first[(colon + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }

    private static int CountSettings(ReadOnlySpan<byte> text, byte separator)
    {
        var count = 0;
        foreach (var range in text.Split(separator))
        {
            var part = text[range];
            var equals = part.IndexOf((byte)'=');
            if (equals > 0)
            {
                var name = Encoding.Latin1.GetString(part[..equals].Trim(" '\t"u8)).ToLowerInvariant();
                count += Array.Exists(Settings, s => name == s || name.EndsWith("=" + s, StringComparison.Ordinal)) ? 1 : 0;
            }
            else if (separator == ';' && (part.StartsWith("jdbc:"u8) || part.IndexOf("://"u8) > 0))
            {
                count++;
            }
        }

        return count;
    }
}
