using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What a single-file app carries: its dependency file, the frameworks that its configuration names, the names of its files, and the identities of its assemblies.</summary>
internal sealed record SingleFileBundle(AppDependencies? Dependencies, List<SystemPackage> Runtimes, List<string> Files, List<AssemblyIdentity> Assemblies)
{
    private const int MaxFiles = 100_000;
    private const long MaxInflated = 1L << 30;
    private const byte Assembly = 1;

    /// <summary>SHA-256 of ".net core bundle"; the eight bytes before it say where the bundle's header is, zero in an ordinary host.</summary>
    public static ReadOnlySpan<byte> Signature =>
    [
        0x8b, 0x12, 0x02, 0xb9, 0x6a, 0x61, 0x20, 0x38, 0x72, 0x7b, 0x93, 0x02, 0x14, 0xd7, 0xa0, 0x32,
        0x13, 0xf5, 0xb9, 0xe6, 0xef, 0xae, 0x33, 0x18, 0xee, 0x3b, 0x2d, 0xce, 0x24, 0xb3, 0x6a, 0xae,
    ];

    /// <summary>Reads the bundle in <paramref name="tail"/>, which is the executable from <paramref name="tailOffset"/> to its end.</summary>
    /// <exception cref="InvalidDataException">Of a version that is not known, cut off, or with entries outside the file.</exception>
    public static SingleFileBundle Read(ReadOnlyMemory<byte> tail, long tailOffset, long headerOffset)
    {
        ReadOnlyMemory<byte> Slice(long offset, long length) =>
            offset >= tailOffset && length >= 0 && offset - tailOffset + length <= tail.Length && length <= int.MaxValue
                ? tail.Slice((int)(offset - tailOffset), (int)length)
                : throw new InvalidDataException("an entry of the bundle is outside the file");

        using var reader = new BinaryReader(new MemoryStream(Slice(headerOffset, tailOffset + tail.Length - headerOffset).ToArray(), writable: false), Encoding.UTF8);
        try
        {
            var (major, minor, count) = (reader.ReadUInt32(), reader.ReadUInt32(), reader.ReadInt32());
            if (major is not (1 or 2 or 6))
            {
                throw new InvalidDataException($"the bundle's format is {major}.{minor}, which is not known");
            }

            if (count is < 0 or > MaxFiles)
            {
                throw new InvalidDataException($"the bundle claims {count} files");
            }

            reader.ReadString();
            AppDependencies? dependencies = null;
            List<SystemPackage> runtimes = [];
            if (major >= 2)
            {
                var (offset, size, configuration, configurationSize) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
                dependencies = size > 0 ? AppDependencies.Parse(Slice(offset, size)) : null;
                runtimes = configurationSize > 0 ? RuntimeConfiguration.Parse(Slice(configuration, configurationSize)).Packages : [];
                reader.ReadUInt64();
            }

            var (files, assemblies, inflated) = (new List<string>(), new List<AssemblyIdentity>(), 0L);
            for (var i = 0; i < count; i++)
            {
                var (offset, size, compressed) = (reader.ReadInt64(), reader.ReadInt64(), major >= 6 ? reader.ReadInt64() : 0);
                var (type, path) = (reader.ReadByte(), reader.ReadString());
                files.Add(path);
                inflated += size;
                if (size < 0 || inflated > MaxInflated)
                {
                    throw new InvalidDataException($"the bundle's files have more than {MaxInflated >> 30} GiB");
                }

                if (type == Assembly && !path.EndsWith(".resources.dll", StringComparison.OrdinalIgnoreCase))
                {
                    var content = compressed > 0 ? Inflate(Slice(offset, compressed), size, path) : Slice(offset, size);
                    if (AssemblyIdentity.Read(content) is { } identity)
                    {
                        assemblies.Add(identity);
                    }
                }
            }

            return new(dependencies, runtimes, files, assemblies);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or System.Text.Json.JsonException)
        {
            throw new InvalidDataException($"the bundle is damaged ({e.Message.TrimEnd('.')})", e);
        }
    }

    public void Save(FactWriter facts)
    {
        facts.Write(Dependencies is not null);
        Dependencies?.Save(facts);
        facts.WriteList(Runtimes, static (w, r) => r.Save(w));
        facts.WriteList(Files, static (w, f) => w.Write(f));
        facts.WriteList(Assemblies, static (w, a) => a.Save(w));
    }

    public static SingleFileBundle Load(FactReader facts) => new(facts.ReadBoolean() ? AppDependencies.Load(facts) : null, facts.ReadList(SystemPackage.Load), facts.ReadList(static r => r.ReadText()), facts.ReadList(AssemblyIdentity.Load));

    /// <summary>The offset of the bundle's header by the signature found at <paramref name="at"/>; zero for an ordinary host.</summary>
    public static long HeaderOffset(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[(at - 8)..]);

    private static byte[] Inflate(ReadOnlyMemory<byte> compressed, long size, string path)
    {
        var bytes = new byte[size];
        using var stream = new DeflateStream(new MemoryStream(compressed.ToArray(), writable: false), CompressionMode.Decompress);
        stream.ReadExactly(bytes);
        return stream.ReadByte() < 0 ? bytes : throw new InvalidDataException($"{path} inflates to more than the bundle says");
    }
}
