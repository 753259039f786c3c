using System.Collections.Immutable;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Finds secrets that have no form of their own by the name they are assigned to. Begins where a word occurs that such names contain.</summary>
internal static partial class AssignmentScanner
{
    private const int LongestName = 100;
    private const int ShortestSealed = 200;

    public const string ConnectionString = "connection-string";
    public const string NamedPassword = "named-password";
    public const string NamedSecret = "named-secret";
    public const string ServiceKey = "service-key";

    private static readonly ByteSet NameBytes = ByteSet.Of("A-Za-z0-9_.-");
    private static readonly ByteSet Letters = ByteSet.Of("A-Za-z");

    /// <summary>Parts of names that say secret.</summary>
    public static ImmutableArray<Keyword> Triggers { get; } =
    [
        .. ((string[])["pass", "secret", "token", "cred", "auth", "bearer", "salt", "cookie", "session", "signature", .. Short("pwd"), .. Short("psw"), .. Short("key"), .. Short("jwt"), .. Short("psk"), "rootpw", "bindpw", "masterauth", .. Short("pat"), .. Short("_pw"), .. Short("dbpw"), "pepper", .. Short("\"pw")]).Select(t => new Keyword(t, true)),
        .. ProviderNames.Triggers.Select(t => new Keyword(t, true)),
    ];

    /// <summary>A short word counts where the name goes on with another word, or ends.</summary>
    private static IEnumerable<string> Short(string word) => "=:\"'_ ])><-s`,.(\\\n\r;|{".Select(c => $"{word}{c}");

    /// <summary>Looks at the name around <paramref name="hit"/>; <paramref name="nameEnd"/> says up to where it has been looked at.</summary>
    public static bool TryMatch(ReadOnlySpan<byte> bytes, int hit, FileContext file, out string detector, out Found found, out int nameEnd)
    {
        (detector, found) = ("", default);
        var nameStart = NameStart(bytes, hit);
        nameEnd = hit + NameBytes.Prefix(bytes[hit..]);
        nameStart += NameBytes.Prefix(bytes[nameStart..nameEnd]) is var length && length > 0 ? bytes[nameStart..nameEnd].IndexOfAnyExcept("-."u8) is > 0 and var lead ? lead : 0 : 0;
        // Java's and Maven's -Dname=value.
        nameStart += nameStart > 0 && bytes[nameStart - 1] == '-' && nameEnd - nameStart > 4 && bytes[nameStart] == 'D' && char.IsAsciiLetterLower((char)bytes[nameStart + 1]) ? 1 : 0;
        if (nameEnd - nameStart > LongestName || nameEnd >= bytes.Length || (nameStart > 0 && bytes[nameStart - 1] is (byte)'/' or (byte)'\\' && !IsEscape(bytes, nameStart) && !AssignmentReader.IsQuotedPath(bytes, nameStart, nameEnd) && !IsSwitch(bytes, nameStart, nameEnd)))
        {
            return false;
        }

        // In "${DB_PASSWORD:-x}" and "name.=": what ends the identifier is not part of it.
        var name = bytes[nameStart..nameEnd].TrimEnd("-."u8);
        var end = nameStart + name.Length;
        var hasValue = AssignmentReader.TryRead(bytes, nameStart, end, file.Syntax, out var value);
        if (!hasValue && !ConnectionStrings.MayFollow(bytes, end) && !Authorization.Names(name))
        {
            return false;
        }

        var kind = NameKinds.Of(name);
        if (kind == NameKind.Password && ConnectionStrings.TryMatch(bytes, nameStart, end, out found))
        {
            detector = ConnectionString;
            return true;
        }

        if (file.OnlyConnectionStrings)
        {
            return false;
        }

        if (Authorization.TryMatch(bytes, nameStart, end, out found))
        {
            detector = NamedSecret;
            return true;
        }

        if (hasValue && kind is NameKind.Weak or NameKind.Secret && SecretNames.Split(name)[^1] is "auth" or "credentials" or "creds" or "basicauth" && AssignmentReader.TryReadPartner(bytes, value, out var partner))
        {
            (kind, value) = (NameKind.Password, partner);
        }

        if (!hasValue || value.End - value.Start < 5)
        {
            return false;
        }

        if (kind == NameKind.Weak && file.Syntax is FileSyntax.Text or FileSyntax.Documentation && NameKinds.Of(bytes[SentenceStart(bytes, nameStart)..end]) is NameKind.Secret)
        {
            kind = NameKind.Secret;
        }

        if (kind == NameKind.Other && file.Syntax is FileSyntax.Code && value.IsQuoted && IsContent(name, out var control) && NameKinds.Of(control) == NameKind.Password && bytes[value.Start..value.End].ContainsAnyInRange((byte)'0', (byte)'9'))
        {
            kind = NameKind.Password;
        }

        detector = value.End - value.Start >= ShortestSealed && IsSealed(bytes, nameStart) ? "" : Judge(bytes, nameStart, name, kind, value, file);
        found = new Found(value.Start, value.End);
        return detector.Length > 0 && !KnownPublicValues.Contain(bytes[value.Start..value.End]);
    }

    /// <summary><c>/TargetPassword:…</c>, as commands of Windows have it.</summary>
    private static bool IsSwitch(ReadOnlySpan<byte> bytes, int nameStart, int nameEnd) =>
        bytes[nameStart - 1] == '/' && nameStart > 1 && bytes[nameStart - 2] == ' ' && bytes[nameEnd] is (byte)':' or (byte)'=';

    /// <summary>Where the name begins that <paramref name="hit"/> is part of.</summary>
    public static int NameStart(ReadOnlySpan<byte> bytes, int hit) => hit - NameBytes.Suffix(bytes[Math.Max(0, hit - LongestName)..hit]);

    /// <summary>In prose the words before belong to the name: <c>our client token is …</c>.</summary>
    private static int SentenceStart(ReadOnlySpan<byte> bytes, int nameStart)
    {
        var start = nameStart;
        for (var word = 0; word < 2 && start > 1 && bytes[start - 1] == ' '; word++)
        {
            var length = Letters.Suffix(bytes[Math.Max(0, start - 25)..(start - 1)]);
            if (length == 0)
            {
                break;
            }

            start -= length + 1;
        }

        return start;
    }

    /// <summary>What is typed into a control: <c>txtPassword.Text = "…"</c>, <c>passwordInput.value = "…"</c>.</summary>
    private static bool IsContent(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> control)
    {
        var dot = name.LastIndexOf((byte)'.');
        control = name[..Math.Max(dot, 0)];
        foreach (var ending in (ReadOnlySpan<string>)["TextBox", "Box", "Input", "Field", "Edit"])
        {
            control = control.Length > ending.Length && Ascii.Equals(control[^ending.Length..], ending) ? control[..^ending.Length] : control;
        }

        return dot > 0 && (Ascii.EqualsIgnoreCase(name[(dot + 1)..], "text"u8) || Ascii.EqualsIgnoreCase(name[(dot + 1)..], "value"u8));
    }
}
