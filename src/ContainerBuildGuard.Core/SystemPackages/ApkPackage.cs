namespace ContainerBuildGuard.SystemPackages;

/// <summary>A paragraph of apk's database or of an index (APKINDEX), whose fields have one letter whose case counts; what it does not say is empty.</summary>
/// <remarks><c>Line</c>: where it begins, counted from 1.</remarks>
internal sealed record ApkPackage(string Name, string Version, string Architecture, string Origin, string License, int Line)
{
    /// <summary>Every paragraph, whether it is complete or not.</summary>
    public static IEnumerable<ApkPackage> Read(ReadOnlyMemory<byte> list)
    {
        var empty = new ApkPackage("", "", "", "", "", 0);
        var (package, any) = (empty, false);
        var reader = new FieldReader(list);
        while (reader.Read())
        {
            if (!reader.IsEnd)
            {
                any = true;
                package = reader.Name is [var letter] ? With(package, letter, reader) : package;
            }
            else if (any)
            {
                yield return package with { Line = reader.Start };
                (package, any) = (empty, false);
            }
        }
    }

    private static ApkPackage With(ApkPackage package, byte letter, in FieldReader reader) => letter switch
    {
        (byte)'P' => package with { Name = reader.Value },
        (byte)'V' => package with { Version = reader.Value },
        (byte)'A' => package with { Architecture = reader.Value },
        (byte)'o' => package with { Origin = reader.Value },
        (byte)'L' => package with { License = reader.Value },
        _ => package,
    };
}
