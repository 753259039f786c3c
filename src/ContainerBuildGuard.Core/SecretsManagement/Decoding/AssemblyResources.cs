using System.Reflection.Metadata;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The files that are embedded in a .NET assembly.</summary>
internal static class AssemblyResources
{
    private const int MostBytes = 64 << 20;

    public static bool IsAssembly(ReadOnlySpan<byte> bytes) => bytes.StartsWith("MZ"u8) && bytes.IndexOf("BSJB"u8) > 0;

    /// <summary>Hands out every embedded resource. What is no assembly, or a damaged one, has none.</summary>
    public static void Read(ReadOnlyMemory<byte> bytes, Action<string, ReadOnlyMemory<byte>> visit)
    {
        if (bytes.Length > MostBytes)
        {
            return;
        }

        try
        {
            using var image = new AssemblyImage(bytes);
            var pe = image.Reader;
            if (!pe.HasMetadata || pe.PEHeaders.CorHeader is not { ResourcesDirectory: { Size: > 4 } directory } || !pe.PEHeaders.TryGetDirectoryOffset(directory, out var start))
            {
                return;
            }

            var metadata = pe.GetMetadataReader();
            foreach (var resource in metadata.ManifestResources.Select(metadata.GetManifestResource).Where(r => r.Implementation.IsNil))
            {
                var offset = start + resource.Offset;
                if (offset + 4 <= bytes.Length && BitConverter.ToInt32(bytes.Span.Slice((int)offset, 4)) is > 0 and var length && offset + 4 + length <= bytes.Length)
                {
                    visit(metadata.GetString(resource.Name), bytes.Slice((int)offset + 4, length));
                }
            }
        }
        catch (Exception e) when (e is BadImageFormatException or OverflowException or ArgumentException or InvalidOperationException)
        {
        }
    }
}
