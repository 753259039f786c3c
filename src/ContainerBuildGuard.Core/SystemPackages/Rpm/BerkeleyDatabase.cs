using System.Buffers.Binary;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>Reads the values of a Berkeley DB hash file, as rpm before 4.16 kept its <c>Packages</c> in.</summary>
internal sealed class BerkeleyDatabase
{
    private const uint HashMagic = 0x061561;
    private const int PageHeaderBytes = 26;
    private const int LastPage = 32;
    private const byte HashUnsorted = 2, Overflow = 7, Hash = 13;
    private const byte KeyData = 1, OffPage = 3;
    private readonly byte[] _file;
    private readonly bool _bigEndian;
    private readonly int _pageBytes;

    /// <exception cref="InvalidDataException">Not a hash file of Berkeley DB.</exception>
    public BerkeleyDatabase(byte[] file)
    {
        _file = file;
        if (file.Length < 512)
        {
            throw new InvalidDataException("it is no Berkeley DB file");
        }

        _bigEndian = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(12)) == HashMagic;
        if (UInt32(12) != HashMagic)
        {
            throw new InvalidDataException("it is no hash file of Berkeley DB");
        }

        _pageBytes = (int)UInt32(20);
        if (_pageBytes is < 512 or > 65536 || (_pageBytes & (_pageBytes - 1)) != 0)
        {
            throw new InvalidDataException($"it has an impossible page size ({_pageBytes})");
        }

        if ((UInt32(LastPage) + 1L) * _pageBytes > file.Length)
        {
            throw new InvalidDataException("it is cut off: it has fewer pages than its heading says");
        }
    }

    /// <summary>Every value long enough to be a package's header; the counter that rpm keeps under key 0 is not.</summary>
    /// <exception cref="InvalidDataException">A page or an item leads outside the file.</exception>
    public IEnumerable<byte[]> Headers()
    {
        for (var page = 1; ((page + 1L) * _pageBytes) <= _file.Length; page++)
        {
            var at = page * _pageBytes;
            if (_file[at + 25] is not (Hash or HashUnsorted))
            {
                continue;
            }

            int entries = UInt16(at + 20);
            if (PageHeaderBytes + (entries * 2) > _pageBytes)
            {
                throw new InvalidDataException($"page {page} claims {entries} items");
            }

            // Keys and values take turns; items grow from the page's end.
            for (var i = 1; i < entries; i += 2)
            {
                int item = UInt16(at + PageHeaderBytes + (i * 2)), before = UInt16(at + PageHeaderBytes + ((i - 1) * 2));
                if (item >= before || before > _pageBytes || item < PageHeaderBytes)
                {
                    throw new InvalidDataException($"an item of page {page} is outside it");
                }

                var value = _file[at + item] switch
                {
                    KeyData => _file.AsSpan(at + item + 1, before - item - 1).ToArray(),
                    OffPage when before - item >= 12 => ReadChain(UInt32(at + item + 4), UInt32(at + item + 8)),
                    var type => throw new InvalidDataException($"an item of page {page} has the unknown type {type}"),
                };
                if (value.Length > 16)
                {
                    yield return value;
                }
            }
        }
    }

    private byte[] ReadChain(uint page, uint length)
    {
        if (length > _file.Length)
        {
            throw new InvalidDataException($"a value claims {length} bytes");
        }

        var value = new byte[length];
        var filled = 0;
        while (filled < value.Length)
        {
            var at = page * (long)_pageBytes;
            if (page == 0 || at + _pageBytes > _file.Length || _file[at + 25] != Overflow)
            {
                throw new InvalidDataException($"a value goes on at page {page}, which is no overflow page");
            }

            // On an overflow page the free offset is the number of bytes it holds.
            var count = Math.Min(UInt16((int)at + 22), value.Length - filled);
            if (count == 0 || count > _pageBytes - PageHeaderBytes)
            {
                throw new InvalidDataException($"overflow page {page} is damaged");
            }

            _file.AsSpan((int)at + PageHeaderBytes, count).CopyTo(value.AsSpan(filled));
            filled += count;
            page = UInt32((int)at + 16);
        }

        return value;
    }

    private uint UInt32(int at) => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(_file.AsSpan(at));

    private ushort UInt16(int at) => _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(at)) : BinaryPrimitives.ReadUInt16LittleEndian(_file.AsSpan(at));
}
