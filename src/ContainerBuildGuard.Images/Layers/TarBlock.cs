namespace ContainerBuildGuard.Images;

/// <summary>The 512 bytes of a tar header, read as Go's archive/tar reads them, because that is what unpacks images.</summary>
internal readonly ref struct TarBlock(ReadOnlySpan<byte> bytes)
{
    public const int Size = 512;
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public char Type => (char)_bytes[156];

    public long Length => TarNumber.Parse(_bytes[124..136]);

    /// <summary>GNU's old sparse format: further blocks of the map follow.</summary>
    public bool HasSparseExtension => IsGnu && Type == 'S' && _bytes[482] != 0;

    private bool IsGnu => _bytes[257..265].SequenceEqual("ustar  \0"u8);

    private bool IsUstar => _bytes[257..263].SequenceEqual("ustar\0"u8);

    private bool IsStar => _bytes[508..512].SequenceEqual("tar\0"u8);

    /// <exception cref="InvalidDataException">The checksum is wrong.</exception>
    public void Check()
    {
        long unsigned = 0;
        long signed = 0;
        for (var i = 0; i < Size; i++)
        {
            var value = i is >= 148 and < 156 ? (byte)' ' : _bytes[i];
            unsigned += value;
            signed += (sbyte)value;
        }

        // Old writers summed signed characters.
        if (TarNumber.Parse(_bytes[148..156]) is var stored && stored != unsigned && stored != signed)
        {
            throw new InvalidDataException("a header's checksum is wrong");
        }
    }

    /// <summary>The entry that this header and the extensions before it describe.</summary>
    public TarHeader ToHeader(PaxRecords? pax, string? longName, string? longLink)
    {
        var name = longName ?? pax?.Text("GNU.sparse.name") ?? pax?.Text("path") ?? Name();
        var link = longLink ?? pax?.Text("linkpath") ?? TarText.OfField(_bytes[157..257]);
        var size = pax?.Number("size") ?? Length;
        var logical = IsGnu && Type == 'S' ? TarNumber.Parse(_bytes[483..495]) : pax?.Number("GNU.sparse.realsize") ?? pax?.Number("GNU.sparse.size");
        if (size < 0 || logical < 0)
        {
            throw new InvalidDataException("a file has a negative size");
        }

        var kind = Kind(name);

        // Links, devices, folders and pipes have no content, whatever their size field says.
        var stored = kind is TarKind.File or TarKind.Unknown ? size : 0;
        var modified = pax?.Seconds("mtime") ?? TarNumber.Parse(_bytes[136..148]);
        return new TarHeader
        {
            Name = name,
            Kind = kind,
            TypeFlag = Type,
            Size = stored,
            LogicalSize = logical ?? stored,
            IsSparse = logical is not null,
            Mode = (int)(TarNumber.Parse(_bytes[100..108]) & 0xFFF),
            UserId = Id(pax?.Number("uid") ?? TarNumber.Parse(_bytes[108..116])),
            GroupId = Id(pax?.Number("gid") ?? TarNumber.Parse(_bytes[116..124])),
            LinkName = kind is TarKind.HardLink or TarKind.SymbolicLink ? link : "",
            Modified = DateTimeOffset.UnixEpoch.AddSeconds(Math.Clamp(modified, -62_135_596_800, 253_402_300_799)),
            ExtendedAttributes = pax?.ExtendedAttributes() ?? System.Collections.Frozen.FrozenDictionary<string, string>.Empty,
        };
    }

    private string Name()
    {
        var name = TarText.OfField(_bytes[..100]);
        var prefix = IsUstar ? TarText.OfField(IsStar ? _bytes[345..476] : _bytes[345..500]) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private TarKind Kind(string name) => Type switch
    {
        '0' or '7' or 'S' => TarKind.File,
        '\0' => name.EndsWith('/') ? TarKind.Directory : TarKind.File,
        '1' => TarKind.HardLink,
        '2' => TarKind.SymbolicLink,
        '3' => TarKind.CharacterDevice,
        '4' => TarKind.BlockDevice,
        '5' => TarKind.Directory,
        '6' => TarKind.Fifo,
        _ => TarKind.Unknown,
    };

    private static int Id(long value) => (int)Math.Clamp(value, 0, int.MaxValue);
}
