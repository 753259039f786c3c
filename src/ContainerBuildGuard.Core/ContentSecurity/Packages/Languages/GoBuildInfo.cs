using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Modules by the build information that Go links into every executable (package debug/buildinfo; the inline form of Go 1.18 and later).</summary>
internal static class GoBuildInfo
{
    private const int HeaderBytes = 32;
    private const byte InlineStrings = 2;

    public static ReadOnlySpan<byte> Magic => [0xFF, (byte)' ', (byte)'G', (byte)'o', (byte)' ', (byte)'b', (byte)'u', (byte)'i', (byte)'l', (byte)'d', (byte)'i', (byte)'n', (byte)'f', (byte)':'];

    /// <summary>The compiler's version and the modules, read from the magic on; null where it is no build information, or goes on beyond <paramref name="bytes"/>.</summary>
    public static List<SystemPackage>? Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !bytes.StartsWith(Magic) || (bytes[15] & InlineStrings) == 0)
        {
            return null;
        }

        var rest = bytes[HeaderBytes..];
        if (Text(ref rest) is not { } version || Text(ref rest) is not { } modules || !version.StartsWith("go1", StringComparison.Ordinal))
        {
            return null;
        }

        var found = new List<SystemPackage> { new("stdlib", version[2..].Split(' ')[0]) };
        // 16 bytes of framing stand around the text.
        foreach (var line in (modules.Length > 32 ? modules[16..^16] : "").Split('\n'))
        {
            var columns = line.Split('\t');
            if (columns is ["dep" or "mod", var name, var of, ..] && of != "(devel)")
            {
                found.Add(new SystemPackage(name, of));
            }
            else if (columns is ["=>", var replacement, var by, ..] && found.Count > 1)
            {
                found[^1] = new SystemPackage(replacement, by);
            }
        }

        return found;
    }

    private static string? Text(ref ReadOnlySpan<byte> bytes)
    {
        var (length, shift) = (0UL, 0);
        for (var i = 0; i < Math.Min(bytes.Length, 5); i++, shift += 7)
        {
            length |= (ulong)(bytes[i] & 0x7F) << shift;
            if (bytes[i] < 0x80)
            {
                if (length > (ulong)(bytes.Length - i - 1))
                {
                    return null;
                }

                // Latin-1 keeps the framing's bytes one character each.
                var text = Encoding.Latin1.GetString(bytes.Slice(i + 1, (int)length));
                bytes = bytes[(i + 1 + (int)length)..];
                return text;
            }
        }

        return null;
    }
}
