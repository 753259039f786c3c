using System.Buffers;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The syntax of a file whose name says nothing of it, from how its first lines look.</summary>
internal static class SyntaxGuess
{
    private const int MostLines = 40;
    private static readonly ByteSet Name = ByteSet.Of("A-Za-z0-9_.-");
    private static readonly ByteSet Section = ByteSet.Of("A-Za-z0-9_.: \"-");
    private static readonly SearchValues<byte> EndsOfCode = SearchValues.Create(";{}(),"u8);
    private static readonly byte[][] BeginningsOfCode = [.. ((string[])["// ", "/*", "import ", "using ", "const ", "let ", "var ", "def ", "class ", "public ", "private ", "internal ", "package ", "func ", "fn ", "#include", "return ", "namespace ", "static ", "val ", "<?php"]).Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly byte[][] BeginningsOfSql = [.. ((string[])["INSERT INTO ", "CREATE TABLE ", "CREATE USER ", "CREATE LOGIN ", "ALTER ", "UPDATE ", "SELECT ", "GRANT "]).Select(System.Text.Encoding.ASCII.GetBytes)];

    /// <summary><see cref="FileSyntax.Text"/> where the lines do not agree.</summary>
    public static FileSyntax Of(ReadOnlySpan<byte> head)
    {
        head = head.StartsWith("\uFEFF"u8) ? head[3..] : head;
        head = head.TrimStart(" \t\r\n"u8);
        var first = head.IndexOf((byte)'\n') is >= 0 and var end ? head[..end].TrimEnd(" \r"u8) : head;
        if (first.IsEmpty)
        {
            return FileSyntax.Text;
        }

        return first[0] switch
        {
            (byte)'<' when first.Length > 1 && (first[1] is (byte)'?' or (byte)'!' || Name.Contains(first[1])) && !first.StartsWith("<?php"u8) => FileSyntax.Xml,
            (byte)'{' when head.IndexOf("\":"u8) > 0 || head.IndexOf("\" :"u8) > 0 => FileSyntax.Json,
            (byte)'[' when first[^1] == ']' && first.Length > 2 && Section.IsAll(first[1..^1]) && head.IndexOf((byte)'=') > 0 => FileSyntax.Lines,
            (byte)'[' when head.IndexOf("\":"u8) > 0 => FileSyntax.Json,
            (byte)'#' when first.StartsWith("#!"u8) => first.IndexOf("sh"u8) > 0 ? FileSyntax.Shell : FileSyntax.Code,
            _ when first.StartsWith("FROM "u8) || first.StartsWith("# syntax=docker"u8) => FileSyntax.Shell,
            _ when first.SequenceEqual("---"u8) || first.StartsWith("apiVersion:"u8) => FileSyntax.Yaml,
            _ => OfLines(head),
        };
    }

    private static FileSyntax OfLines(ReadOnlySpan<byte> head)
    {
        var (lines, settings, yaml, code, sql) = (0, 0, 0, 0, 0);
        foreach (var range in head.Split((byte)'\n'))
        {
            var line = head[range].Trim(" \t\r"u8);
            if (line.IsEmpty || line[0] == '#' || lines >= MostLines)
            {
                continue;
            }

            lines++;
            if (BeginsWithAny(line, BeginningsOfSql))
            {
                sql++;
            }
            else if (EndsOfCode.Contains(line[^1]) || BeginsWithAny(line, BeginningsOfCode))
            {
                code++;
            }
            else if (IsSetting(line))
            {
                settings++;
            }
            else if (IsYaml(line))
            {
                yaml++;
            }
        }

        return sql * 2 > lines ? FileSyntax.Sql
            : code * 2 > lines ? FileSyntax.Code
            : settings * 3 > lines * 2 ? FileSyntax.Lines
            : yaml * 4 > lines * 3 && lines > 1 ? FileSyntax.Yaml
            : FileSyntax.Text;
    }

    private static bool IsSetting(ReadOnlySpan<byte> line)
    {
        line = line.StartsWith("export "u8) ? line[7..] : line;
        var name = Name.Prefix(line);
        return name > 1 && line[name..].TrimStart((byte)' ') is [(byte)'=', not (byte)'=', ..];
    }

    private static bool IsYaml(ReadOnlySpan<byte> line)
    {
        line = line.StartsWith("- "u8) ? line[2..] : line;
        var name = Name.Prefix(line);
        return name > 0 && name < line.Length && line[name] == ':' && (name + 1 == line.Length || line[name + 1] == ' ');
    }

    private static bool BeginsWithAny(ReadOnlySpan<byte> line, byte[][] beginnings)
    {
        foreach (var beginning in beginnings)
        {
            if (line.StartsWith(beginning))
            {
                return true;
            }
        }

        return false;
    }
}
