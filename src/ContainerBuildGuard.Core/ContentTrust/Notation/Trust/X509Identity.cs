using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A trusted subject, <c>x509.subject: C=US, ST=WA, O=acme</c>: each attribute that it names must be in the certificate's subject, once and with this value.</summary>
internal sealed record X509Identity(ImmutableSortedDictionary<string, string> Attributes)
{
    public const string Prefix = "x509.subject:";
    private static readonly string[] Mandatory = ["C", "ST", "O"];

    private static readonly Dictionary<string, string> Names = new()
    {
        ["2.5.4.3"] = "CN", ["2.5.4.5"] = "SERIALNUMBER", ["2.5.4.6"] = "C", ["2.5.4.7"] = "L", ["2.5.4.8"] = "ST", ["2.5.4.9"] = "STREET", ["2.5.4.10"] = "O", ["2.5.4.11"] = "OU",
        ["2.5.4.17"] = "POSTALCODE", ["0.9.2342.19200300.100.1.25"] = "DC", ["0.9.2342.19200300.100.1.1"] = "UID", ["1.2.840.113549.1.9.1"] = "E",
    };

    /// <summary>Reads an identity of a policy.</summary>
    /// <exception cref="FormatException">Not one; the message is the end of a sentence.</exception>
    public static X509Identity Parse(string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            throw new FormatException($"begins with no prefix that is supported: write {Prefix} C=…, ST=…, O=…");
        }

        var attributes = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in Split(text[Prefix.Length..]))
        {
            if (!attributes.TryAdd(name == "S" ? "ST" : name, value))
            {
                throw new FormatException($"has the attribute {name} twice");
            }
        }

        return Mandatory.FirstOrDefault(m => !attributes.ContainsKey(m)) is { } missing
            ? throw new FormatException($"lacks {missing}: C, ST and O are needed, or the name could be anybody's")
            : new X509Identity(attributes.ToImmutable());
    }

    /// <summary>Whether the certificate's subject has every attribute.</summary>
    public bool Matches(X509Certificate2 certificate)
    {
        var subject = SubjectOf(certificate).ToLookup(a => a.Name, a => a.Value);
        return Attributes.All(a => subject[a.Key].ToList() is [var only] && only == a.Value);
    }

    /// <summary>Whether every subject that this identity matches is matched by the other too.</summary>
    public bool IsWithin(X509Identity other) => other.Attributes.All(a => Attributes.TryGetValue(a.Key, out var value) && value == a.Value);

    private static IEnumerable<(string Name, string Value)> SubjectOf(X509Certificate2 certificate)
    {
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            // A part of several attributes is no part that an identity could name.
            if (!part.HasMultipleElements && part.GetSingleElementValue() is { } value)
            {
                var oid = part.GetSingleElementType().Value!;
                yield return (Names.GetValueOrDefault(oid, oid), value);
            }
        }
    }

    /// <summary>The attributes of a distinguished name as text (RFC 4514), escapes resolved.</summary>
    private static IEnumerable<(string Name, string Value)> Split(string text)
    {
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            var name = equals < 0 ? "" : text[at..equals].Trim().ToUpperInvariant();
            if (name.Length == 0 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-'))
            {
                throw new FormatException("is no list of attributes: write C=US, ST=WA, O=acme");
            }

            at = equals + 1;
            yield return (name, ReadValue(text, ref at, name));
        }
    }

    private static string ReadValue(string text, ref int at, string name)
    {
        var value = new StringBuilder();
        var kept = 0;
        for (; at < text.Length && text[at] is not (',' or ';'); at++)
        {
            var c = text[at];
            if (c == '\\')
            {
                c = ++at < text.Length ? text[at] : throw new FormatException($"ends with a backslash in {name}");
                value.Append(c is ',' or ';' or '\\' or ' ' or '+' or '"' or '<' or '>' or '#' or '=' ? c : throw new FormatException($"escapes '{c}' in {name}, which needs none"));
                kept = value.Length;
            }
            else if (c is '+' or '"')
            {
                throw new FormatException($"has '{c}' in {name}: attributes with several values are not supported, escape it with a backslash where it is meant");
            }
            else if (c != ' ' || value.Length > 0)
            {
                value.Append(c);
                kept = c == ' ' ? kept : value.Length;
            }
        }

        at++;
        value.Length = kept;
        return value.Length > 0 ? value.ToString() : throw new FormatException($"has no value for {name}");
    }
}
