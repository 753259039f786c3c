namespace ContainerBuildGuard.SystemPackages;

/// <summary>Runs of decimal digits as numbers of any size: <c>20240101000000000000</c> is a version part, and no integer type holds every one.</summary>
internal static class Digits
{
    public static int Compare(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }

    /// <summary>How many digits <paramref name="text"/> begins with.</summary>
    public static int Count(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var end ? end : text.Length;

    public static bool AreAll(ReadOnlySpan<char> text) => text.Length > 0 && Count(text) == text.Length;
}
