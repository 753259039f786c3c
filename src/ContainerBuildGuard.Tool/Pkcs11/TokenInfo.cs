using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>A token in a slot (CK_TOKEN_INFO).</summary>
internal sealed record TokenInfo(nuint Slot, string Label, string Manufacturer, string Model, string Serial, nuint Flags)
{
    // The structure has 208 bytes at most; a module that writes beyond its own is not held by any size.
    private const int Bytes = 512;
    private const int MaxSlots = 256;

    public bool Is(uint flag) => (Flags & flag) != 0;

    /// <summary>The one token that a URI means.</summary>
    /// <exception cref="KeyException">None, or several.</exception>
    public static TokenInfo Find(Pkcs11Module module, Pkcs11Uri uri)
    {
        var tokens = All(module, uri);
        return tokens.Where(t => t.IsMeantBy(uri)).ToList() switch
        {
            [var one] => one,
            [] => throw new KeyException($"No token is the one of the key '{uri.Name}': {(tokens.Count == 0 ? "the module sees none" : $"the module sees {string.Join(", ", tokens.Select(t => $"'{t.Label}' (serial {t.Serial})"))}")}."),
            _ => throw new KeyException($"Several tokens could be the one of the key '{uri.Name}': name its label or serial number, token=… or serial=…."),
        };
    }

    private bool IsMeantBy(Pkcs11Uri uri) =>
        (uri.Token is null || uri.Token == Label) && (uri.Serial is null || uri.Serial == Serial) && (uri.Manufacturer is null || uri.Manufacturer == Manufacturer)
        && (uri.Model is null || uri.Model == Model) && (uri.SlotId is null || uri.SlotId == Slot);

    private static unsafe List<TokenInfo> All(Pkcs11Module module, Pkcs11Uri uri)
    {
        CULong* slots = stackalloc CULong[MaxSlots];
        var count = new CULong(MaxSlots);
        CryptokiError.Check(module.SlotsWithToken(slots, &count), uri.Name, "Looking for the token of");
        var tokens = new List<TokenInfo>();
        byte* info = stackalloc byte[Bytes];
        for (var i = 0; i < (int)count.Value; i++)
        {
            // A slot may lose its token in between; the others are still there.
            if (module.TokenInfo(slots[i].Value, info) == Cryptoki.Ok && Read(slots[i].Value, new ReadOnlySpan<byte>(info, Bytes)) is var token && token.Is(Cryptoki.TokenInitialized))
            {
                tokens.Add(token);
            }
        }

        return tokens;
    }

    private static TokenInfo Read(nuint slot, ReadOnlySpan<byte> info) => new(
        slot, Text(info[..32]), Text(info[32..64]), Text(info[64..80]), Text(info[80..96]), Unsafe.ReadUnaligned<CULong>(in info[96]).Value);

    /// <summary>Padded with blanks, without an end.</summary>
    private static string Text(ReadOnlySpan<byte> padded) => Encoding.UTF8.GetString(padded).TrimEnd(' ', '\0');
}
