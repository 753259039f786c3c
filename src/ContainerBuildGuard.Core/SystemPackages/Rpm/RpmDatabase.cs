namespace ContainerBuildGuard.SystemPackages;

/// <summary>An rpm database in one file, whichever backend wrote it.</summary>
internal static class RpmDatabase
{
    /// <summary>The names of the files, and the folders that distributions keep them in.</summary>
    public static IReadOnlyList<string> Names { get; } = ["rpmdb.sqlite", "Packages.db", "Packages"];

    public static IReadOnlyList<string> Folders { get; } = ["var/lib/rpm/", "usr/lib/sysimage/rpm/", "usr/share/rpm/"];

    /// <summary>The headers of the packages, for <see cref="RpmHeader"/>.</summary>
    /// <param name="file">The database.</param>
    /// <param name="log">SQLite's write-ahead log beside it; empty where there is none.</param>
    /// <exception cref="InvalidDataException">No such database, or a damaged one.</exception>
    public static IEnumerable<byte[]> Headers(byte[] file, byte[] log)
    {
        var total = 0L;
        foreach (var header in All(file, log))
        {
            // Each header has bytes of its own: where several lead to the same ones, a small file would cost as much as a huge one.
            total += header.Length;
            if (total > file.Length + (long)log.Length)
            {
                throw new InvalidDataException("its packages claim more bytes than the file has");
            }

            yield return header;
        }
    }

    private static IEnumerable<byte[]> All(byte[] file, byte[] log) =>
        file.AsSpan().StartsWith("RpmP"u8) ? NdbDatabase.Headers(file)
        : file.AsSpan().StartsWith("SQLite"u8) ? new SqliteDatabase(file, log).Blobs("Packages", 1).Select(b => b ?? throw new InvalidDataException("a row of its packages holds no header"))
        : new BerkeleyDatabase(file).Headers();
}
