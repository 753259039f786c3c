namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Which four bytes of a keyword the search looks for: those that other text holds least often.</summary>
internal static class KeywordWindow
{
    /// <summary>Where the rarest four bytes of <paramref name="keyword"/> begin.</summary>
    public static int Rarest(byte[] keyword)
    {
        if (keyword.Length < 4)
        {
            throw new ArgumentException($"the keyword '{System.Text.Encoding.ASCII.GetString(keyword)}' is shorter than four characters", nameof(keyword));
        }

        return Enumerable.Range(0, keyword.Length - 3).MinBy(offset => Commonness(keyword.AsSpan(offset, 4)));
    }

    private static double Commonness(ReadOnlySpan<byte> four)
    {
        var score = 4 * Randomness.CommonPairShare(four, out var pairs) * pairs / 3;
        foreach (var b in four)
        {
            score += b switch
            {
                (byte)'e' or (byte)'t' or (byte)'a' or (byte)'o' or (byte)'i' or (byte)'n' or (byte)'s' or (byte)'r' => 1.0,
                (byte)' ' or (byte)'=' or (byte)'-' => 0.9,
                >= (byte)'a' and <= (byte)'z' => 0.6,
                >= (byte)'0' and <= (byte)'9' => 0.5,
                >= (byte)'A' and <= (byte)'Z' => 0.4,
                _ => 0.3,
            };
        }

        return score;
    }
}
