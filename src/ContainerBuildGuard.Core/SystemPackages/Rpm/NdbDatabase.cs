using System.Buffers.Binary;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>Reads rpm's own <c>Packages.db</c> (backend ndb): slots that name blobs, little endian.</summary>
internal static class NdbDatabase
{
    private const int PageBytes = 4096;
    private const int SlotBytes = 16;
    private const int BlockBytes = 16;

    /// <summary>The headers of the packages.</summary>
    /// <exception cref="InvalidDataException">Not this format, or a slot that leads outside the file.</exception>
    public static IEnumerable<byte[]> Headers(byte[] file)
    {
        if (file.Length < PageBytes || !file.AsSpan().StartsWith("RpmP"u8) || BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(4)) != 0)
        {
            throw new InvalidDataException("it is no ndb database of version 0");
        }

        var end = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)) * (long)PageBytes;
        if (end > file.Length)
        {
            throw new InvalidDataException("its slots go on beyond the end of the file");
        }

        // The heading takes the place of the first two slots.
        for (var at = 2 * SlotBytes; at < end; at += SlotBytes)
        {
            var slot = file.AsMemory(at, SlotBytes);
            if (!slot.Span.StartsWith("Slot"u8))
            {
                throw new InvalidDataException($"the slot at {at} is damaged");
            }

            var package = BinaryPrimitives.ReadUInt32LittleEndian(slot.Span[4..]);
            if (package == 0)
            {
                continue;
            }

            var blob = BinaryPrimitives.ReadUInt32LittleEndian(slot.Span[8..]) * (long)BlockBytes;
            var head = blob + SlotBytes <= file.Length ? file.AsMemory((int)blob, SlotBytes) : throw new InvalidDataException($"package {package} is outside the file");
            var length = BinaryPrimitives.ReadUInt32LittleEndian(head.Span[12..]);
            if (!head.Span.StartsWith("BlbS"u8) || BinaryPrimitives.ReadUInt32LittleEndian(head.Span[4..]) != package || blob + SlotBytes + length > file.Length)
            {
                throw new InvalidDataException($"package {package} is damaged");
            }

            yield return file.AsSpan((int)blob + SlotBytes, (int)length).ToArray();
        }
    }
}
