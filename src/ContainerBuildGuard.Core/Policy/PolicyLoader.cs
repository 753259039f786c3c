using ContainerBuildGuard.Findings;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <summary>Reads <c>containerbuildguard.yaml</c>. Whatever it does not know is an error with line and column: a policy that says less than its author thinks is worse than none.</summary>
public static class PolicyLoader
{
    public const string FileName = "containerbuildguard.yaml";
    private const int MaxBytes = 1 << 20;

    /// <summary>The nearest policy file from <paramref name="folder"/> upward; null where there is none.</summary>
    public static string? FindNearest(string folder)
    {
        for (var current = folder; current is not null; current = Path.GetDirectoryName(current))
        {
            var candidate = Path.Combine(current, FileName);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <exception cref="GuardException">CBG9007: missing, unreadable or wrong, with line and column.</exception>
    public static Policy Load(string path, IReadOnlySet<string> knownCodes)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true } file)
            {
                throw PolicyError.At(path, Mark.Empty, "there is no such file; correct the path or run `cbg policy init`");
            }

            return file.Length > MaxBytes
                ? throw PolicyError.At(path, Mark.Empty, $"the file has {file.Length} bytes, over the limit of {MaxBytes}")
                : Parse(File.ReadAllText(path), path, knownCodes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw PolicyError.At(path, Mark.Empty, $"the file cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>Parses a policy's text; <paramref name="path"/> is for messages.</summary>
    public static Policy Parse(string text, string path, IReadOnlySet<string> knownCodes)
    {
        try
        {
            if (text.Length > MaxBytes)
            {
                throw PolicyError.At(path, Mark.Empty, $"the text has more than {MaxBytes} characters");
            }

            RefuseAliases(text, path);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents switch
            {
                [] => Policy.Default with { Path = path },
                [var document] => new PolicyReader(path, knownCodes).Read(document.RootNode),
                _ => throw PolicyError.At(path, stream.Documents[1].RootNode.Start, "the file holds several documents; keep one"),
            };
        }
        catch (YamlException e)
        {
            throw PolicyError.At(path, e.Start, e.InnerException?.Message ?? e.Message, e);
        }
    }

    /// <summary>Aliases can grow a small file without bound, and a policy needs none.</summary>
    private static void RefuseAliases(string text, string path)
    {
        var parser = new Parser(new StringReader(text));
        while (parser.MoveNext())
        {
            if (parser.Current is YamlDotNet.Core.Events.AnchorAlias alias)
            {
                throw PolicyError.At(path, alias.Start, "YAML aliases are not allowed in a policy");
            }
        }
    }
}

internal static class PolicyError
{
    public static GuardException At(string path, Mark mark, string what, Exception? inner = null) =>
        new("CBG9007", GuardFailure.Input, mark.Line > 0 ? $"{path}({mark.Line},{mark.Column}): {what.TrimEnd('.')}." : $"{path}: {what.TrimEnd('.')}.", inner)
        {
            File = path,
            Line = (int)mark.Line,
            Column = (int)mark.Column,
        };
}
