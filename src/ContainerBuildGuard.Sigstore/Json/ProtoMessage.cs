using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>
/// One message in protobuf's JSON mapping (Protocol Buffers, "ProtoJSON Format"): both spellings of a field's name, 64-bit integers as strings or numbers,
/// bytes in either base64 alphabet, null as absent. Duplicate members are an error, and so are unknown ones where <see cref="Only"/> is asked.
/// </summary>
internal readonly struct ProtoMessage
{
    private readonly JsonElement _element;
    private readonly string _path;

    private ProtoMessage(JsonElement element, string path)
    {
        (_element, _path) = (element, path);
        if (element.ValueKind != JsonValueKind.Object)
        {
            throw Malformed($"{Name} is not a JSON object");
        }
    }

    private string Name => _path.Length == 0 ? "the document" : _path;

    /// <summary>Parses a document; the caller disposes it when it has read everything.</summary>
    public static JsonDocument Parse(ReadOnlyMemory<byte> json, int maxBytes, string what)
    {
        if (json.Length > maxBytes)
        {
            throw Malformed($"{what} has {json.Length} bytes, over the limit of {maxBytes}");
        }

        try
        {
            return JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, $"{what} is not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine})", e);
        }
        catch (InvalidOperationException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, $"{what} is not valid UTF-8", e);
        }
    }

    public static ProtoMessage Root(JsonDocument document) => new(document.RootElement, "");

    /// <summary>Refuses members that the message does not define.</summary>
    public ProtoMessage Only(params ReadOnlySpan<string> fields)
    {
        foreach (var member in _element.EnumerateObject())
        {
            var known = false;
            foreach (var field in fields)
            {
                known = known || member.NameEquals(field) || member.NameEquals(SnakeCase(field));
            }

            if (!known)
            {
                throw Malformed($"{Name} has a member '{NameOf(member)}' that its specification does not define");
            }
        }

        return this;
    }

    public bool Has(string field) => Find(field) is not null;

    public ProtoMessage? Message(string field) => Find(field) is { } value ? new ProtoMessage(value, Path(field)) : null;

    public ProtoMessage Required(string field) => Message(field) ?? throw Missing(field);

    public IReadOnlyList<ProtoMessage> Messages(string field)
    {
        var path = Path(field);
        return [.. Items(field).Select((e, i) => new ProtoMessage(e, $"{path}[{i}]"))];
    }

    public string? Text(string field) => Find(field) is { } value ? TextOf(value, field) : null;

    public string RequiredText(string field) => Text(field) is { Length: > 0 } text ? text : throw Missing(field);

    /// <summary>An enum's value by name. A number is refused: the names are what the specifications write.</summary>
    public string? EnumName(string field) => Text(field);

    public byte[]? Bytes(string field) => Text(field) is { } text ? Decode(text, field) : null;

    public byte[] RequiredBytes(string field) => Bytes(field) is { Length: > 0 } bytes ? bytes : throw Missing(field);

    public IReadOnlyList<byte[]> BytesList(string field)
    {
        var path = this;
        return [.. Items(field).Select(e => path.Decode(path.TextOf(e, field), field))];
    }

    public IReadOnlyList<string> TextList(string field)
    {
        var message = this;
        return [.. Items(field).Select(e => message.TextOf(e, field))];
    }

    /// <summary>The message's one member, whatever its name.</summary>
    public ProtoMessage Single()
    {
        var members = _element.EnumerateObject().ToList();
        return members.Count == 1 ? new ProtoMessage(members[0].Value, Path("*")) : throw Malformed($"{Name} has {members.Count} members where one is expected");
    }

    /// <summary>An integer that is not negative; 0 where absent.</summary>
    public long Integer(string field)
    {
        if (Find(field) is not { } value)
        {
            return 0;
        }

        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : TextOf(value, field);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && (text.Length == 1 || text[0] != '0')
            ? number
            : throw Malformed($"{Path(field)} is not an integer of 0 or more");
    }

    public DateTimeOffset? Time(string field)
    {
        if (Text(field) is not { } text)
        {
            return null;
        }

        return text.Length is >= 20 and <= 35 && text[4] == '-' && text[10] == 'T'
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime()
            : throw Malformed($"{Path(field)} is not a time (RFC 3339)");
    }

    /// <summary>A map of texts; members that are no texts are left out.</summary>
    public ImmutableDictionary<string, string> Texts(string field) => Message(field) is { } map
        ? map._element.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String).ToImmutableDictionary(NameOf, m => map.TextOf(m.Value, field))
        : ImmutableDictionary<string, string>.Empty;

    public static SigstoreException Malformed(string what) => new(SigstoreError.Malformed, what);

    private SigstoreException Missing(string field) => Malformed($"{Path(field)} is missing or empty");

    private string Path(string field) => _path.Length == 0 ? field : $"{_path}.{field}";

    private JsonElement? Find(string field)
    {
        var found = _element.TryGetProperty(field, out var value);
        if (SnakeCase(field) is var snake && snake != field && _element.TryGetProperty(snake, out var other))
        {
            value = found ? throw Malformed($"{Path(field)} is there twice, in both spellings") : other;
            found = true;
        }

        return found && value.ValueKind != JsonValueKind.Null ? value : null;
    }

    private JsonElement.ArrayEnumerator Items(string field) => Find(field) switch
    {
        null => default,
        { ValueKind: JsonValueKind.Array } list => list.EnumerateArray(),
        _ => throw Malformed($"{Path(field)} is not a list"),
    };

    private string TextOf(JsonElement value, string field)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Malformed($"{Path(field)} is not a string");
        }
        catch (InvalidOperationException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, $"{Path(field)} is not valid UTF-8", e);
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, "a member's name is not valid UTF-8", e);
        }
    }

    private byte[] Decode(string text, string field) => Base64.TryDecode(text, out var bytes) ? bytes : throw Malformed($"{Path(field)} is not base64");

    private static string SnakeCase(string name)
    {
        if (!name.Any(char.IsAsciiLetterUpper))
        {
            return name;
        }

        return string.Concat(name.Select(c => char.IsAsciiLetterUpper(c) ? $"_{char.ToLowerInvariant(c)}" : c.ToString()));
    }
}
