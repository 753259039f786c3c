using System.Buffers;
using System.Reflection.PortableExecutable;

namespace ContainerBuildGuard.Inspection;

/// <summary>A portable executable that is read where it lies. The reader's other ways in copy the whole file, and every observer of assemblies would.</summary>
internal sealed unsafe class AssemblyImage : IDisposable
{
    private readonly MemoryHandle _pin;

    /// <exception cref="BadImageFormatException">There is nothing.</exception>
    public AssemblyImage(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            throw new BadImageFormatException("it is empty");
        }

        _pin = bytes.Pin();
        Reader = new PEReader((byte*)_pin.Pointer, bytes.Length);
    }

    /// <summary>Checks every offset against the image's length. It, and what it hands out, is valid until this is disposed.</summary>
    public PEReader Reader { get; }

    public void Dispose()
    {
        Reader.Dispose();
        _pin.Dispose();
    }
}
