using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The manifest of a chiselled Ubuntu image (<c>manifest.wall</c>): zstd over lines of JSON, packages by their binary names.</summary>
internal static class ChiselManifest
{
    private const int MaxBytes = 256 << 20;

    /// <summary>Sources of the slices that .NET images are cut from; the dpkg file beside the manifest is asked first.</summary>
    private static readonly Dictionary<string, string> Sources = new(StringComparer.Ordinal)
    {
        ["libc6"] = "glibc", ["libgcc-s1"] = "gcc-14", ["libstdc++6"] = "gcc-14", ["gcc-14-base"] = "gcc-14", ["libssl3t64"] = "openssl", ["libssl3"] = "openssl", ["openssl"] = "openssl",
        ["libicu74"] = "icu", ["libicu76"] = "icu", ["zlib1g"] = "zlib", ["tzdata-legacy"] = "tzdata", ["libexpat1"] = "expat", ["libkrb5-3"] = "krb5", ["libgssapi-krb5-2"] = "krb5", ["liblttng-ust1t64"] = "ust",
    };

    public static bool Wants(string path) => path.StartsWith("var/lib/chisel/", StringComparison.Ordinal) && path.EndsWith(".wall", StringComparison.Ordinal);

    /// <exception cref="InvalidDataException">Not zstd, too large, or of a version that is not known.</exception>
    public static Catalogue Parse(ReadOnlyMemory<byte> bytes)
    {
        var found = new Catalogue();
        var packages = new Dictionary<string, SystemPackage>(StringComparer.Ordinal);
        var beyondDocumentation = new HashSet<string>(StringComparer.Ordinal);
        var withContent = new HashSet<string>(StringComparer.Ordinal);
        using var lines = new StreamReader(Inflate(bytes));
        var number = 0;
        while (lines.ReadLine() is { } line)
        {
            number++;
            try
            {
                using var json = JsonDocument.Parse(line);
                var root = json.RootElement;
                string Text(string name) => root.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
                if (number == 1)
                {
                    if (!Text("jsonwall").StartsWith("1.", StringComparison.Ordinal) || Text("schema") != "1.0")
                    {
                        throw new InvalidDataException($"its format is jsonwall '{Text("jsonwall")}', schema '{Text("schema")}', not 1.0");
                    }
                }
                else if (Text("kind") == "package" && Text("name") is { Length: > 0 } name && Text("version") is { Length: > 0 } version)
                {
                    packages[name] = new SystemPackage(name, version) { Architecture = Text("arch"), SourceName = Sources.GetValueOrDefault(name, name), SourceVersion = version };
                }
                else if (Text("kind") == "content" && Text("slice").LastIndexOf('_') is > 0 and var underscore)
                {
                    var package = Text("slice")[..underscore];
                    withContent.Add(package);
                    if (!Text("path").StartsWith("/usr/share/doc/", StringComparison.Ordinal))
                    {
                        beyondDocumentation.Add(package);
                    }
                }
            }
            catch (JsonException e)
            {
                found.Problems.Add($"line {number} is no JSON ({e.Message.TrimEnd('.')})");
            }
        }

        found.Packages.AddRange(packages.Values.Select(p => p with { IsDocumentation = withContent.Contains(p.Name) && !beyondDocumentation.Contains(p.Name) }));
        return number > 0 ? found : throw new InvalidDataException("it is empty");
    }

    /// <summary>The packages of both files: the dpkg file knows sources, the manifest what was really cut.</summary>
    public static IEnumerable<SystemPackage> Join(IReadOnlyList<SystemPackage> dpkg, IReadOnlyList<SystemPackage> manifest)
    {
        var byName = manifest.ToDictionary(p => p.Name, StringComparer.Ordinal);
        var known = dpkg.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        return dpkg.Select(p => byName.TryGetValue(p.Name, out var cut) ? p with { IsDocumentation = cut.IsDocumentation } : p).Concat(manifest.Where(p => !known.Contains(p.Name)));
    }

    private static MemoryStream Inflate(ReadOnlyMemory<byte> bytes)
    {
        if (!bytes.Span.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]))
        {
            throw new InvalidDataException("it is not compressed with zstd");
        }

        try
        {
            using var inflated = new ZstdSharp.DecompressionStream(new MemoryStream(bytes.ToArray()));
            var result = new MemoryStream();
            var buffer = new byte[1 << 16];
            while (inflated.Read(buffer) is > 0 and var count)
            {
                result.Write(buffer, 0, count);
                if (result.Length > MaxBytes)
                {
                    throw new InvalidDataException($"it inflates to more than {MaxBytes >> 20} MiB");
                }
            }

            result.Position = 0;
            return result;
        }
        catch (ZstdSharp.ZstdException e)
        {
            throw new InvalidDataException($"its zstd stream is damaged ({e.Message})", e);
        }
    }
}
