namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Values that stand in an element, an attribute or a member of their own beside the name.</summary>
internal static partial class AssignmentReader
{
    private const int LongestBlock = 400;

    private static bool ReadElement(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        at += Skip(bytes, at, 80, Space);

        // <setting name="Password"><value>…</value></setting>
        if (at + "<value>"u8.Length < bytes.Length && System.Text.Ascii.EqualsIgnoreCase(bytes.Slice(at, "<value>"u8.Length), "<value>"u8))
        {
            at += "<value>"u8.Length;
        }
        else if (bytes[Math.Min(at, bytes.Length)..].StartsWith("<string>"u8))
        {
            at += "<string>"u8.Length;
        }
        else if (bytes[Math.Min(at, bytes.Length)..].StartsWith("<![CDATA["u8))
        {
            at += "<![CDATA["u8.Length;
        }

        var rest = bytes[Math.Min(at, bytes.Length)..Math.Min(bytes.Length, at + LongestValue)];
        var end = rest.IndexOfAny("<\r\n"u8);
        var after = end < 0 ? end : end + Skip(rest, end, 80, Space);
        if (end <= 0 || after + 1 >= rest.Length || rest[after] != '<' || rest[after + 1] != '/')
        {
            return false;
        }

        end = rest[..end].IndexOf("]]>"u8) is > 0 and var close ? close : end;
        value = new Assignment(at, at + rest[..end].TrimEnd(" \t"u8).Length, true, Joint.Assigned);
        return value.End > value.Start;
    }

    /// <summary>The name is the content of an element, the value that of the next: <c>&lt;key&gt;Token&lt;/key&gt; &lt;string&gt;…&lt;/string&gt;</c>.</summary>
    private static bool TryReadSibling(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + 160)];
        if (!rest.StartsWith("</"u8) || rest.IndexOf((byte)'>') is not (> 0 and var close))
        {
            return false;
        }

        // A list of properties alternates two elements, or the same with a name in it: any other neighbour says something else.
        var next = close + 1 + Skip(rest, close + 1, 40, Space);
        if (next >= rest.Length || rest[next] != '<' || rest[next..].IndexOf((byte)'>') is not (> 1 and var open) || rest[next + open - 1] == '/')
        {
            return false;
        }

        var tag = rest[(next + 1)..(next + open)];
        return (tag.SequenceEqual("string"u8) || tag.SequenceEqual("value"u8) || (tag.StartsWith(rest[2..close]) && tag.Length > close - 2 && tag[close - 2] == ' ')) && ReadElement(bytes, at + next + open + 1, out value);
    }

    /// <summary>The name is itself a value: <c>key="Password" value="…"</c>, <c>{ "name": "PASSWORD", "value": "…" }</c>, <c>- name: PASSWORD</c> over <c>value: …</c>.</summary>
    private static bool TryReadPair(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        at += Skip(bytes, at, 120, BetweenPair);
        var member = bytes[Math.Min(at, bytes.Length)..];
        at += member.StartsWith("defaultValue"u8) ? "default"u8.Length : member.StartsWith("useValue"u8) ? "use"u8.Length : 0;
        if (at + 8 >= bytes.Length || !System.Text.Ascii.EqualsIgnoreCase(bytes.Slice(at, 5), "value"u8))
        {
            return false;
        }

        at += 5;
        at += Skip(bytes, at, 1, DoubleQuote);
        at += Skip(bytes, at, 12, Joints);
        return IsQuote(bytes, at) ? ReadQuoted(bytes, at, Joint.Assigned, out value) : bytes[at - 1] == ' ' && ReadBare(bytes, at, FileSyntax.Yaml, Joint.Assigned, out value);
    }

    /// <summary><c>name="Password" serializeAs="String"&gt;</c> and then the value's element.</summary>
    private static bool TryReadElementAfterAttributes(ReadOnlySpan<byte> bytes, int at, out Assignment value)
    {
        value = default;
        var rest = bytes[at..Math.Min(bytes.Length, at + 80)];
        var close = rest.IndexOfAny((byte)'<', (byte)'>', (byte)'\n');
        return close > 0 && rest[close] == '>' && rest[close - 1] != '/' && rest.IndexOf((byte)'=') > 0 && ReadElement(bytes, at + close + 1, out value);
    }

    /// <summary>YAML: <c>- name: PASSWORD</c>.</summary>
    private static bool IsNamed(ReadOnlySpan<byte> bytes, int nameStart)
    {
        var before = bytes[Math.Max(0, nameStart - 8)..nameStart].TrimEnd(" "u8);
        return before.EndsWith("name:"u8) || before.EndsWith("key:"u8);
    }

    /// <summary>A block that says what the name is by default: <c>variable "db_password" { default = "…" }</c>, <c>Password { get; set; } = "…"</c>.</summary>
    private static bool TryReadBlock(ReadOnlySpan<byte> bytes, int at, FileSyntax syntax, out Assignment value)
    {
        value = default;
        var block = bytes[at..Math.Min(bytes.Length, at + LongestBlock)];
        var end = block.IndexOf((byte)'}');
        if (syntax is FileSyntax.Code && block[1..].TrimStart(" \t\r\n"u8) is var accessor && (accessor.StartsWith("get "u8) || accessor.StartsWith("get{"u8)) && Returned(bytes, at + block.Length - accessor.Length + 3) is > 0 and var returned)
        {
            return ReadQuoted(bytes, returned, Joint.Assigned, out value);
        }

        if (syntax is FileSyntax.Code && end is > 0 and < 40 && block[1..].TrimStart((byte)' ').StartsWith("get;"u8))
        {
            var equals = end + 1 + Skip(block, end + 1, 4, Blank);
            return Next(block, equals, '=') && Read(bytes, at + equals + 1, syntax, Joint.Assigned, out value, literalOnly: true);
        }

        block = end > 0 ? block[..end] : block;
        var setting = syntax is FileSyntax.Code ? block.IndexOf("default"u8) : -1;
        if (setting < 0)
        {
            return false;
        }

        setting += "default"u8.Length;
        setting += Skip(block, setting, 24, Blank);
        return Next(block, setting, '=') && Read(bytes, at + setting + 1, syntax, Joint.Assigned, out value, literalOnly: true);
    }

    /// <summary>A call that gives the name its value: <c>define("NAME", "…")</c>, <c>setProperty</c>, <c>put</c>, <c>AddHeader</c>; any other may hand on two texts.</summary>
    private static bool IsDefinition(ReadOnlySpan<byte> bytes, int nameStart)
    {
        var before = bytes[Math.Max(0, nameStart - 48)..nameStart];
        var open = before.LastIndexOf((byte)'(');
        if (open < 0 || before[open..].IndexOfAny((byte)',', (byte)'\n') >= 0)
        {
            return false;
        }

        before = before[..open];
        foreach (var word in SecretNames.Split(before[^Callee.Suffix(before)..]))
        {
            if (word is "define" or "set" or "put" or "add" or "env" or "setenv" or "putenv" or "setx" or "header" or "property" or "setting" or "option" or "const" or "append")
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Instructions and commands that take a name and its value: <c>ENV NAME value</c>, <c>setx NAME value</c>.</summary>
    private static bool IsNamedBefore(ReadOnlySpan<byte> bytes, int nameStart)
    {
        var before = bytes[Math.Max(0, nameStart - 8)..nameStart];
        return before.EndsWith("ENV "u8) || before.EndsWith("setx "u8) || before.EndsWith("SETX "u8) || before.EndsWith(" -gx "u8) || before.EndsWith("setenv "u8);
    }

    /// <summary>A test types into the field of that name: <c>By.Id("password")).SendKeys("…")</c>.</summary>
    private static bool IsTyped(ReadOnlySpan<byte> rest) =>
        rest.StartsWith(".SendKeys("u8) || rest.StartsWith(".sendKeys("u8) || rest.StartsWith(".send_keys("u8) || rest.StartsWith(".type("u8) || rest.StartsWith(".fill("u8) || rest.StartsWith(".setValue("u8) || rest.StartsWith(".val("u8);
}
