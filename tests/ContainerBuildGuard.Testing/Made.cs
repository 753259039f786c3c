using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Testing;

/// <summary>Makes values from a seed: the same every run, none of them ever issued.</summary>
public sealed class Made(int seed)
{
    public const string Lower = "abcdefghijklmnopqrstuvwxyz";
    public const string Upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    public const string Digits = "0123456789";
    public const string Word = Upper + Lower + Digits;
    public const string Hex = "0123456789abcdef";
    public const string Base64 = Word + "+/";
    public const string Url = Word + "_-";
    private static readonly string[] Words = ["river", "Summer", "tiger", "Falcon", "orange", "Winter", "castle", "Thunder", "monkey", "Dragon", "silver", "Berlin", "coffee", "Rocket", "garden", "Phoenix", "hello", "Welcome", "pepper", "Sunshine"];
    private readonly Random _random = new(seed);

    public int Next(int below) => _random.Next(below);

    public T Pick<T>(params IReadOnlyList<T> from) => from[_random.Next(from.Count)];

    public string Text(string alphabet, int length)
    {
        // What a generator gives has letters and digits where the alphabet has both.
        while (true)
        {
            var text = string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[_random.Next(alphabet.Length)]));
            if (length < 8 || !alphabet.Contains('0') || !alphabet.Any(char.IsLetter) || (text.Any(char.IsDigit) && text.Any(char.IsLetter)))
            {
                return text;
            }
        }
    }

    /// <summary>A password as people choose and as managers make them.</summary>
    public string Password() => Next(6) switch
    {
        0 => $"{Pick(Words)}{Next(9000) + 1000}{Pick("!", "#", "$x", "@", "?")}",
        1 => $"{Pick("P", "p")}@ssw0rd{Next(900) + 100}",
        2 => Text(Word + "!@#%^*-_", 14 + Next(8)),
        3 => $"{Pick(Words)}-{Pick(Words)}-{Next(90) + 10}-{Pick(Words)}",
        4 => Text(Word, 10 + Next(8)),
        _ => $"{Pick(Words)}{Pick("_", ".", "!", "&")}{Pick(Words)}{Next(90) + 10}",
    };

    /// <summary>A key or token without a form of its own.</summary>
    public string Token() => Next(8) switch
    {
        0 => Text(Hex, 32),
        1 => Text(Hex, 40),
        2 => Text(Hex, 64),
        3 => Text(Word, 24 + Next(20)),
        4 => Convert.ToBase64String(Bytes(32)),
        5 => Text(Url, 43),
        6 => Text(Lower + Digits, 20 + Next(20)),
        _ => Uuid().ToString(),
    };

    public byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        _random.NextBytes(bytes);
        return bytes;
    }

    public Guid Uuid() => new(Bytes(16));

    /// <summary>Fills a form: <c>{w36}</c> letters and digits, <c>{h}</c> hex, <c>{d}</c> digits, <c>{u}</c> base64url, <c>{b}</c> base64, <c>{A}</c> upper case and digits, <c>{a}</c> lower case and digits, <c>{l}</c> letters, <c>{o}</c> lower-case base32, <c>{g}</c> a GUID.</summary>
    public string Fill(string form)
    {
        var result = new StringBuilder();
        for (var i = 0; i < form.Length; i++)
        {
            if (form[i] != '{')
            {
                result.Append(form[i]);
                continue;
            }

            var close = form.IndexOf('}', i);
            var length = close - i == 2 ? 1 : int.Parse(form[(i + 2)..close], CultureInfo.InvariantCulture);
            result.Append(form[i + 1] switch
            {
                'w' => Text(Word, length),
                'h' => Text(Hex, length),
                'd' => Text(Digits, length),
                'u' => Text(Url, length),
                'b' => Text(Base64, length),
                'A' => Text(Upper + Digits, length),
                'a' => Text(Lower + Digits, length),
                'l' => Text(Upper + Lower, length),
                'o' => Text("abcdefghijklmnopqrstuvwxyz234567", length),
                '2' => Text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length),
                'g' => Uuid().ToString(),
                var other => throw new FormatException($"no class {other}"),
            });
            i = close;
        }

        return result.ToString();
    }
}
