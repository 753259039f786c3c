using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images.Layers;

/// <summary>Mutated archives from a fixed seed: the reader ends, within its limits, by its own kinds of exceptions.</summary>
[TestClass]
public sealed class TarFuzzTests
{
    [TestMethod]
    public void Mutated_archives_never_surprise()
    {
        var random = new Random(20261124);
        byte[][] seeds =
        [
            new LayerBuilder().File("etc/passwd", "root:x:0:0").Directory("usr/bin", 0b111_101_101).SymbolicLink("bin", "usr/bin").HardLink("copy", "etc/passwd").File(new string('n', 200), "long").ToTar(),
            new RawTar().Pax(("path", "p"), ("size", "4")).Entry("f", content: "abcd").Entry("s", 'S', "data", magic: "ustar  \0").Entry("././@LongLink", 'L', "name\0").Entry("x").End(),
        ];
        var limits = new LayerLimits { Entries = 1000, HeaderBytes = 1 << 16 };
        var (read, refused) = (0, 0);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Mutate(seeds[round % seeds.Length], random);
            try
            {
                TarReaderTests.ReadAll(bytes, limits);
                read++;
            }
            catch (Exception e) when (e is InvalidDataException or ImageException)
            {
                refused++;
            }
        }

        Assert.IsGreaterThan(100, read);
        Assert.IsGreaterThan(100, refused);
    }

    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToArray();
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2:
                    Encoding.ASCII.GetBytes("77777777777 -1 0").AsSpan(0, Math.Min(16, bytes.Length - at)).CopyTo(bytes.AsSpan(at));
                    break;
                default:
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                    break;
            }

            if (bytes.Length == 0)
            {
                return bytes;
            }
        }

        // Most changes would end at the checksum: make it right where a header stands.
        for (var header = 0; header + 512 <= bytes.Length; header += 512)
        {
            if (bytes.AsSpan(header + 257, 5).SequenceEqual("ustar"u8))
            {
                bytes.AsSpan(header + 148, 8).Fill((byte)' ');
                var sum = 0;
                foreach (var b in bytes.AsSpan(header, 512))
                {
                    sum += b;
                }

                Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(bytes.AsSpan(header + 148));
            }
        }

        return bytes;
    }
}
