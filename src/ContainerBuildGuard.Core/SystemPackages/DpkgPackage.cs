using System.Text;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>A paragraph of dpkg's status file, of a distroless image's file a package, or of an archive's list; what it does not say is empty.</summary>
/// <remarks><c>Line</c>: where it begins, counted from 1.</remarks>
internal sealed record DpkgPackage(string Name, string Version, string Architecture, string Source, string Status, int Line)
{
    /// <summary>The last of "want flag state"; empty in lists that have no states.</summary>
    public string State => Status[(Status.LastIndexOf(' ') + 1)..];

    /// <summary>Every paragraph, whether it is complete or not.</summary>
    public static IEnumerable<DpkgPackage> Read(ReadOnlyMemory<byte> list)
    {
        var empty = new DpkgPackage("", "", "", "", "", 0);
        var (package, any) = (empty, false);
        var reader = new FieldReader(list);
        while (reader.Read())
        {
            if (!reader.IsEnd)
            {
                any = true;
                package = With(package, reader);
            }
            else if (any)
            {
                yield return package with { Line = reader.Start };
                (package, any) = (empty, false);
            }
        }
    }

    private static DpkgPackage With(DpkgPackage package, in FieldReader reader) => reader.Name.Length switch
    {
        6 when Ascii.EqualsIgnoreCase(reader.Name, "Source"u8) => package with { Source = reader.Value },
        6 when Ascii.EqualsIgnoreCase(reader.Name, "Status"u8) => package with { Status = reader.Value },
        7 when Ascii.EqualsIgnoreCase(reader.Name, "Package"u8) => package with { Name = reader.Value },
        7 when Ascii.EqualsIgnoreCase(reader.Name, "Version"u8) => package with { Version = reader.Value },
        12 when Ascii.EqualsIgnoreCase(reader.Name, "Architecture"u8) => package with { Architecture = reader.Value },
        _ => package,
    };
}
