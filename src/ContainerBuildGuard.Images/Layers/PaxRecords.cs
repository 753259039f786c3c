using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Images;

/// <summary>The records of a PAX extended header: <c>length key=value\n</c>. An empty value says to keep what the header itself has.</summary>
internal sealed class PaxRecords
{
    private const string Xattr = "SCHILY.xattr.";
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <exception cref="InvalidDataException">Malformed.</exception>
    public static PaxRecords Parse(ReadOnlySpan<byte> bytes)
    {
        var records = new PaxRecords();
        while (bytes.Length > 0)
        {
            var space = bytes.IndexOf((byte)' ');
            if (space is < 1 or > 10 || !int.TryParse(bytes[..space], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= space + 1 || length > bytes.Length || bytes[length - 1] != '\n')
            {
                throw new InvalidDataException("an extended header is malformed");
            }

            records.Add(bytes[(space + 1)..(length - 1)]);
            bytes = bytes[length..];
        }

        return records;
    }

    public string? Text(string key) => _values.GetValueOrDefault(key);

    /// <exception cref="InvalidDataException">The value is no number.</exception>
    public long? Number(string key) =>
        Text(key) is not { } text ? null
        : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
        : throw new InvalidDataException($"an extended header's {key} is no number");

    /// <summary>Seconds since 1970, with a fraction.</summary>
    public double? Seconds(string key) =>
        Text(key) is { } text && double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) ? seconds : null;

    public FrozenDictionary<string, string> ExtendedAttributes() =>
        _values.Keys.Any(k => k.StartsWith(Xattr, StringComparison.Ordinal))
            ? _values.Where(v => v.Key.StartsWith(Xattr, StringComparison.Ordinal)).ToFrozenDictionary(StringComparer.Ordinal)
            : FrozenDictionary<string, string>.Empty;

    private void Add(ReadOnlySpan<byte> record)
    {
        var equals = record.IndexOf((byte)'=');
        if (equals < 1)
        {
            throw new InvalidDataException("an extended header has a record without a name");
        }

        var key = TarText.Of(record[..equals]);
        var value = record[(equals + 1)..];
        if (key is "path" or "linkpath" or "GNU.sparse.name" && value.Contains((byte)0))
        {
            throw new InvalidDataException("an extended header has a path with a zero byte in it");
        }

        if (value.IsEmpty)
        {
            _values.Remove(key);
        }
        else
        {
            _values[key] = key.StartsWith(Xattr, StringComparison.Ordinal) ? Encoding.Latin1.GetString(value) : TarText.Of(value);
        }
    }
}
