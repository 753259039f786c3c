using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>Files a line each, written after the shapes seen in public repositories: <c>path | content</c>, with ⏎ for a line's end and «…» for a value that is made when the test runs.</summary>
internal static partial class ObservedCorpus
{
    public static IEnumerable<LabelledCase> Read(string set, bool secrets, int seed)
    {
        var made = new Made(seed);
        var file = $"{set}.{(secrets ? "secrets" : "innocents")}.txt";
        using var reader = new StreamReader(typeof(ObservedCorpus).Assembly.GetManifestResourceStream(file)!);
        while (reader.ReadLine() is { } line)
        {
            var (path, content) = line.Split(" | ", 2) is [var first, var second] ? (first, second) : throw new FormatException($"{file}: {line}");
            yield return new(path, $"src/{path}", Fill(content, made), secrets);
        }
    }

    /// <summary>The content of a line, with its ends of lines and its values.</summary>
    public static string Fill(string content, Made made) =>
        MadeUp().Replace(content.Replace("⏎", "\n", StringComparison.Ordinal).Replace("\\|", "|", StringComparison.Ordinal), m => Value(m.Groups[1].Value, made));

    /// <summary><c>64:TEXT</c> the text in base64, <c>crc:PREFIX</c> a token with its checksum, <c>jwt</c>, <c>p</c> a password, <c>t</c> a token, <c>k32</c> as many bytes in base64, <c>pem</c> a private key (<c>pemline</c> on one line, <c>pem64</c> in base64), else a form of <see cref="Made.Fill"/>.</summary>
    private static string Value(string form, Made made) => form switch
    {
        "p" => made.Password(),
        "t" => made.Token(),
        "pem" => Pem(),
        "pemline" => Pem().ReplaceLineEndings("\\n"),
        "pem64" => Base64(Pem()),
        "jwt" => $"{Url("""{"alg":"HS256","typ":"JWT"}""")}.{Url($$"""{"sub":"{{made.Fill("{d8}")}}","role":"service","iat":1700000000}""")}.{made.Fill("{u43}")}",
        _ when form.StartsWith("64:", StringComparison.Ordinal) => Base64(made.Fill(form[3..].Replace("{{", "\u0001", StringComparison.Ordinal).Replace("}}", "\u0002", StringComparison.Ordinal)).Replace('\u0001', '{').Replace('\u0002', '}')),
        _ when form.StartsWith("crc:", StringComparison.Ordinal) && made.Fill("{w30}") is var text => $"{form[4..]}{text}{Crc32Tokens.Digits(Encoding.ASCII.GetBytes(text))}",
        _ when form[0] == 'k' => Convert.ToBase64String(made.Bytes(int.Parse(form[1..], System.Globalization.CultureInfo.InvariantCulture))),
        _ => made.Fill($"{{{form}}}"),
    };

    private static string Pem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Url(string text) => Base64(text).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    [GeneratedRegex("«(.+?)»")]
    private static partial Regex MadeUp();
}
