using System.Buffers.Binary;
using System.Text;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>rpm's files, put together by their formats.</summary>
internal static class RpmFiles
{
    /// <summary>A package's header as databases hold it.</summary>
    public static byte[] Header(string name, string version, string release, int epoch, int padding = 0, string module = "", params string[] files)
    {
        var data = new MemoryStream();
        var entries = new List<(int Tag, int Type, int Offset, int Count)>();
        void Text(int tag, string text)
        {
            entries.Add((tag, 6, (int)data.Length, 1));
            data.Write(Encoding.UTF8.GetBytes(text + "\0"));
        }

        void Texts(int tag, IReadOnlyCollection<string> texts)
        {
            entries.Add((tag, 8, (int)data.Length, texts.Count));
            data.Write(Encoding.UTF8.GetBytes(string.Concat(texts.Select(t => t + "\0"))));
        }

        void Numbers(int tag, params IReadOnlyCollection<int> numbers)
        {
            data.Write(new byte[(4 - (data.Length % 4)) % 4]);
            entries.Add((tag, 4, (int)data.Length, numbers.Count));
            foreach (var number in numbers)
            {
                var bytes = new byte[4];
                BinaryPrimitives.WriteInt32BigEndian(bytes, number);
                data.Write(bytes);
            }
        }

        Text(1000, name);
        Text(1001, version);
        Text(1002, release);
        Text(1014, "MIT" + new string(' ', padding));
        Text(1022, "x86_64");
        Text(1044, $"{name}-{version}-{release}.src.rpm");
        if (module.Length > 0)
        {
            Text(5096, module);
        }

        if (epoch > 0)
        {
            Numbers(1003, epoch);
        }

        if (files.Length > 0)
        {
            string[] folders = [.. files.Select(f => f[..(f.LastIndexOf('/') + 1)]).Distinct()];
            Numbers(1116, [.. files.Select(f => Array.IndexOf(folders, f[..(f.LastIndexOf('/') + 1)]))]);
            Texts(1117, [.. files.Select(f => f[(f.LastIndexOf('/') + 1)..])]);
            Texts(1118, folders);
        }

        var header = new byte[8 + (entries.Count * 16) + data.Length];
        BinaryPrimitives.WriteInt32BigEndian(header, entries.Count);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), (int)data.Length);
        for (var i = 0; i < entries.Count; i++)
        {
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(8 + (i * 16)), entries[i].Tag);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(12 + (i * 16)), entries[i].Type);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(16 + (i * 16)), entries[i].Offset);
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(20 + (i * 16)), entries[i].Count);
        }

        data.ToArray().CopyTo(header, 8 + (entries.Count * 16));
        return header;
    }

    /// <summary>rpm's own format: a page of slots, the second of them free, then blobs on 16-byte blocks.</summary>
    public static byte[] Ndb(params byte[][] headers)
    {
        var file = new MemoryStream();
        file.Write(new byte[4096]);
        var slots = new byte[4096];
        "RpmP"u8.CopyTo(slots);
        BinaryPrimitives.WriteUInt32LittleEndian(slots.AsSpan(12), 1);
        for (var at = 32; at < 4096; at += 16)
        {
            "Slot"u8.CopyTo(slots.AsSpan(at));
        }

        for (var i = 0; i < headers.Length; i++)
        {
            var slot = slots.AsSpan(32 + (i * 2 * 16), 16);
            BinaryPrimitives.WriteInt32LittleEndian(slot[4..], i + 1);
            BinaryPrimitives.WriteInt32LittleEndian(slot[8..], (int)file.Length / 16);
            var blob = new byte[16 + ((headers[i].Length + 12 + 15) / 16 * 16)];
            "BlbS"u8.CopyTo(blob);
            BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(4), i + 1);
            BinaryPrimitives.WriteInt32LittleEndian(blob.AsSpan(12), headers[i].Length);
            headers[i].CopyTo(blob, 16);
            file.Write(blob);
        }

        var bytes = file.ToArray();
        slots.CopyTo(bytes, 0);
        return bytes;
    }
}
