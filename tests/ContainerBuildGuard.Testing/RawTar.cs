using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Testing;

/// <summary>Writes tar blocks byte by byte: what no well-behaved writer would.</summary>
public sealed class RawTar
{
    private readonly List<byte> _bytes = [];

    /// <summary>A header with any size field, and content that need not agree with it.</summary>
    public RawTar Entry(string name, char type = '0', string content = "", string? size = null, string link = "", string magic = "ustar\0" + "00", Action<byte[]>? change = null)
    {
        var bytes = Encoding.Latin1.GetBytes(content);
        var block = new byte[512];
        Put(block, 0, name);
        Put(block, 100, "0000644\0");
        Put(block, 108, "0000000\0");
        Put(block, 116, "0000000\0");
        Put(block, 124, size ?? Convert.ToString(bytes.Length, 8).PadLeft(11, '0') + "\0");
        Put(block, 136, "00000000000\0");
        block[156] = (byte)type;
        Put(block, 157, link);
        Put(block, 257, magic);
        change?.Invoke(block);
        Put(block, 148, "        ");
        Put(block, 148, Convert.ToString(block.Sum(b => b), 8).PadLeft(6, '0') + "\0 ");
        _bytes.AddRange(block);
        _bytes.AddRange(bytes);
        return Pad();
    }

    /// <summary>A PAX extended header with these records.</summary>
    public RawTar Pax(params (string Key, string Value)[] records) => Entry("PaxHeaders/x", 'x', string.Concat(records.Select(r => Record(r.Key, r.Value))));

    public RawTar Bytes(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    /// <summary>The two blocks of zeros.</summary>
    public byte[] End() => Bytes(new byte[1024]).ToArray();

    public byte[] ToArray() => [.. _bytes];

    private static string Record(string key, string value)
    {
        var rest = $" {key}={value}\n";
        var length = rest.Length + 1;
        while (length.ToString(CultureInfo.InvariantCulture).Length + rest.Length != length)
        {
            length++;
        }

        return $"{length.ToString(CultureInfo.InvariantCulture)}{rest}";
    }

    private static void Put(byte[] block, int at, string text) => Encoding.Latin1.GetBytes(text).CopyTo(block, at);

    private RawTar Pad() => Bytes(new byte[(512 - (_bytes.Count % 512)) % 512]);
}
