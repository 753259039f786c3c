using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Handles one member; the reader stands on its name. True where the value was read, false where it is to be skipped.</summary>
internal delegate bool JsonMember<in T>(ref Utf8JsonReader reader, T state);

/// <summary>Handles one item of an array; the reader stands on its first token and is left on its last.</summary>
internal delegate void JsonItem<in T>(ref Utf8JsonReader reader, T state);

/// <summary>One pass over JSON without building a tree. What is not of the expected kind is skipped.</summary>
internal static class JsonWalk
{
    /// <summary>Reads the members of the object that the reader stands on.</summary>
    public static void Members<T>(ref Utf8JsonReader reader, T state, JsonMember<T> member)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (Next(ref reader) != JsonTokenType.EndObject)
        {
            if (!member(ref reader, state))
            {
                Next(ref reader);
                reader.Skip();
            }
        }
    }

    /// <summary>Reads the items of the array that is the value of the name the reader stands on.</summary>
    public static void Items<T>(ref Utf8JsonReader reader, T state, JsonItem<T> item)
    {
        if (Next(ref reader) != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (Next(ref reader) != JsonTokenType.EndArray)
        {
            item(ref reader, state);
        }
    }

    /// <summary>The text that is the value of the name the reader stands on; null for another kind of value.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        if (Next(ref reader) == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    /// <summary>The texts of the array that is the value of the name the reader stands on.</summary>
    public static void Texts(ref Utf8JsonReader reader, List<string> texts) => Items(ref reader, texts, static (ref r, list) =>
    {
        if (r.TokenType == JsonTokenType.String)
        {
            list.Add(r.GetString()!);
        }
        else
        {
            r.Skip();
        }
    });

    private static JsonTokenType Next(ref Utf8JsonReader reader) => reader.Read() ? reader.TokenType : throw new JsonException("the JSON ends early");
}
