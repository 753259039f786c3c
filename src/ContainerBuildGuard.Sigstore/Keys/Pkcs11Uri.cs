using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>
/// The name of a private key on a PKCS#11 token (RFC 7512). This library reads it and does not open it: tokens are reached through native modules of their makers, which a program has to
/// want in its process.
/// </summary>
public sealed record Pkcs11Uri
{
    private const string Scheme = "pkcs11:";

    private Pkcs11Uri(string name) => Name = name;

    /// <summary>The URI without its query, for people: neither a module nor where the PIN is.</summary>
    public string Name { get; }

    /// <summary>The token's label; null where any will do.</summary>
    public string? Token { get; private init; }

    /// <summary>The token's serial number.</summary>
    public string? Serial { get; private init; }

    /// <summary>The token's maker.</summary>
    public string? Manufacturer { get; private init; }

    /// <summary>The token's model.</summary>
    public string? Model { get; private init; }

    /// <summary>The slot's number, which many modules choose anew at each start.</summary>
    public ulong? SlotId { get; private init; }

    /// <summary>The key's label (<c>CKA_LABEL</c>).</summary>
    public string? ObjectLabel { get; private init; }

    /// <summary>The key's identifier (<c>CKA_ID</c>); null where it is not named.</summary>
    public byte[]? Id { get; private init; }

    /// <summary>The module's file, or the folder that it is in.</summary>
    public string? ModulePath { get; private init; }

    /// <summary>The module's name without prefix and ending: <c>softhsm2</c>.</summary>
    public string? ModuleName { get; private init; }

    /// <summary>Where the PIN is: <c>file:PATH</c>, a path, or <c>env:NAME</c>.</summary>
    public string? PinSource { get; private init; }

    /// <summary>Whether the reference is such a URI.</summary>
    public static bool IsUri(string reference) => reference.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads a URI. Attributes that it does not know are refused: they could mean another key.</summary>
    /// <exception cref="KeyException">Not such a URI, or it has the PIN in it.</exception>
    public static Pkcs11Uri Parse(string text)
    {
        var question = text.IndexOf('?', StringComparison.Ordinal);
        var name = question < 0 ? text : text[..question];
        var uri = new Pkcs11Uri(name);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (attribute, value) in Attributes(name[Scheme.Length..], ';', name).Concat(Attributes(question < 0 ? "" : text[(question + 1)..], '&', name)))
        {
            if (!seen.Add(attribute))
            {
                throw new KeyException($"The key '{name}' names '{attribute}' twice.");
            }

            uri = attribute switch
            {
                "token" => uri with { Token = Text(value, name) },
                "serial" => uri with { Serial = Text(value, name) },
                "manufacturer" => uri with { Manufacturer = Text(value, name) },
                "model" => uri with { Model = Text(value, name) },
                "slot-id" => uri with { SlotId = ulong.TryParse(Text(value, name), NumberStyles.None, CultureInfo.InvariantCulture, out var slot) ? slot : throw new KeyException($"The slot of the key '{name}' is not a number.") },
                "object" => uri with { ObjectLabel = Text(value, name) },
                "id" => uri with { Id = value },
                "type" => Text(value, name) == "private" ? uri : throw new KeyException($"The key '{name}' is not of the type private: name the private key, its public half is found by itself."),
                "module-path" => uri with { ModulePath = Text(value, name) },
                "module-name" => uri with { ModuleName = Text(value, name) },
                "pin-source" => uri with { PinSource = Text(value, name) },
                "pin-value" => throw new KeyException($"The key '{name}' has its PIN in the reference, where others can read it: name a file or a variable, pin-source=file:PATH or pin-source=env:NAME."),
                _ => throw new KeyException($"The key '{name}' names '{attribute}', which this client does not know: use token, serial, manufacturer, model, slot-id, object, id, type, and behind a '?' module-path, module-name, pin-source."),
            };
        }

        return uri is { ObjectLabel: null, Id: null } ? throw new KeyException($"The key '{name}' does not say which object of the token it is: name object=LABEL or id=%01.") : uri;
    }

    private static IEnumerable<(string Name, byte[] Value)> Attributes(string part, char separator, string name)
    {
        foreach (var attribute in part.Split(separator, StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = attribute.IndexOf('=', StringComparison.Ordinal);
            yield return equals > 0 ? (attribute[..equals], Decode(attribute[(equals + 1)..], name)) : throw new KeyException($"The key '{name}' is not a PKCS#11 URI: pkcs11:token=…;object=…?module-path=….");
        }
    }

    private static byte[] Decode(string value, string name)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '%')
            {
                bytes[length++] = bytes[i];
                continue;
            }

            bytes[length++] = i + 2 < bytes.Length && byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)
                ? octet
                : throw new KeyException($"The key '{name}' has a '%' that no two hexadecimal digits follow.");
            i += 2;
        }

        return bytes[..length];
    }

    private static string Text(byte[] value, string name)
    {
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(value);
        }
        catch (DecoderFallbackException e)
        {
            throw new KeyException($"The key '{name}' has a text that is not UTF-8.", e);
        }
    }
}
