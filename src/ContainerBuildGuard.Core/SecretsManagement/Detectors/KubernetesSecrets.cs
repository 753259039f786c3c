using System.Buffers;
using System.Buffers.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The values of a Kubernetes Secret: whatever they are called, someone took them for secret.</summary>
internal static class KubernetesSecrets
{
    private const int LongestManifest = 16 << 10;
    private const int LongestValue = 1024;
    private static readonly ByteSet NotSpace = ByteSet.Of("!-~");

    /// <summary>The first value below <c>data:</c> that decodes to a password or a key and is not the name of something.</summary>
    public static bool Data(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        if (hit + keywordLength < bytes.Length && bytes[hit + keywordLength] is not ((byte)'\n' or (byte)'\r'))
        {
            return false;
        }

        // A manifest has one kind: another bounds it, so that many of them cost no more than few.
        var before = bytes[Math.Max(0, hit - LongestManifest)..hit];
        before = before[(Math.Max(before.LastIndexOf("\nkind:"u8), -1) + 1)..];
        before = before[(Math.Max(before.LastIndexOf("\n---"u8), -1) + 1)..];
        var after = bytes[hit..Math.Min(bytes.Length, hit + LongestManifest)];
        after = after.IndexOf("\nkind:"u8) is >= 0 and var next ? after[..next] : after;
        after = after.IndexOf("\n---"u8) is >= 0 and var end ? after[..end] : after;
        var start = hit - before.Length;
        var manifest = bytes[start..(hit + after.Length)];
        var data = manifest.StartsWith("data:"u8) ? 0 : manifest.IndexOf("\ndata:"u8);
        if (data < 0)
        {
            return false;
        }

        var rest = manifest[data..].TrimStart("\n"u8);
        var at = start + manifest.Length - rest.Length + "data:"u8.Length;
        foreach (var range in rest["data:"u8.Length..].Split((byte)'\n'))
        {
            var line = rest["data:"u8.Length..][range].TrimEnd("\r "u8);
            if (!line.IsEmpty && line[0] != ' ' && range.Start.Value > 0)
            {
                return false;
            }

            // On one line in braces there may be several; the first says enough.
            var colon = line.IndexOf(": "u8);
            var value = colon < 0 ? [] : line[(colon + 2)..].Trim(" {}\"'"u8);
            value = value[..NotSpace.Prefix(value)].TrimEnd(",}\"'"u8);
            if (value.Length is >= 8 and < LongestValue && IsSecret(value, NameKinds.Of(line[..colon].Trim(" {\"'"u8)), file))
            {
                var place = at + range.Start.Value + line.IndexOf(value);
                found = new Found(place, place + value.Length);
                return true;
            }
        }

        return false;
    }

    private static bool IsSecret(ReadOnlySpan<byte> value, NameKind kind, FileContext file)
    {
        Span<byte> decoded = stackalloc byte[LongestValue];
        if (Base64.DecodeFromUtf8(value, decoded, out _, out var length) != OperationStatus.Done)
        {
            return false;
        }

        var text = decoded[..length].TrimEnd("\r\n"u8);
        if (!text.IsEmpty && text[0] is (byte)'{' or (byte)'<')
        {
            return file.Depth == 0 && SecretScanner.Default.Scan(text, file with { Path = text[0] == '{' ? "data.json" : "data.xml", Depth = 1 }).Count > 0;
        }

        // An identifier or a digest may be generated too; it has no capitals.
        return kind == NameKind.Password ? SecretValues.IsPassword(text, isCertain: true, isQuoted: true)
            : SecretValues.IsGenerated(text, 12, acceptsGuid: false) && Randomness.Kinds(text) is { Digits: > 1 } kinds && (kind != NameKind.Other || (kinds.Upper > 2 && kinds.Lower > 2));
    }
}
