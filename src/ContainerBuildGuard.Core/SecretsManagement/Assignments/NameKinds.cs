namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Remembers what names mean: files name the same few settings again and again.</summary>
internal static class NameKinds
{
    private const int Slots = 1 << 12;

    [ThreadStatic]
    private static (int Length, ulong First, ulong Second, NameKind Kind)[]? _known;

    public static NameKind Of(ReadOnlySpan<byte> name)
    {
        if (name.Length is 0 or > 64)
        {
            return SecretNames.Classify(name);
        }

        var (first, second) = (Mix(name, 0xcbf29ce484222325), Mix(name, 0x9E3779B97F4A7C15));
        ref var slot = ref (_known ??= new (int, ulong, ulong, NameKind)[Slots])[first % Slots];
        if (slot.Length != name.Length || slot.First != first || slot.Second != second)
        {
            slot = (name.Length, first, second, SecretNames.Classify(name));
        }

        return slot.Kind;
    }

    private static ulong Mix(ReadOnlySpan<byte> name, ulong hash)
    {
        foreach (var b in name)
        {
            hash = (hash ^ b) * 0x100000001b3;
        }

        return hash ^ (hash >> 29);
    }
}
