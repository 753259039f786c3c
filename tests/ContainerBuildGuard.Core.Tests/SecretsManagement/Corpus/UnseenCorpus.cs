using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>A third set, written after the detectors: other notations, names, values and traps. Its first measurement is the honest one.</summary>
internal static class UnseenCorpus
{
    private static readonly (string Path, string Text)[] Notations =
    [
        ("Makefile", "{N} := {v}\n"), ("Makefile", "{N} ?= \"{v}\"\n"), ("config.cs", "Environment.SetEnvironmentVariable(\"{N}\", \"{v}\");"), ("Test.cs", "[InlineData(\"{n}\", \"{v}\")]"), ("app.kt", "val {c} = \"{v}\""), ("conf.py", "    '{s}': '{v}',"), ("settings.py", "{N} = os.environ.get('{N}') or '{v}'"), ("main.rs", "let {s} = \"{v}\";"),
        ("x.swift", "let {c}: String = \"{v}\""), ("a.vb", "Dim {c} As String = \"{v}\""), ("f.fs", "let {c} = \"{v}\""), ("c.json", "{\"auth\":{\"{s}\":\"{v}\"}}"), ("c.json", "{\n  \"{c}\" : \"{v}\" ,\n  \"x\": 1\n}"), ("q.txt", "curl \"https://api.contoso.com/v1/items?{s}={v}&limit=10\""), ("r.http", "GET /items HTTP/1.1\nHost: api.contoso.com\nX-{k}: {v}\n"), ("d.yaml", "- {c}: '{v}'"),
        ("d.yaml", "config:\n    \"{s}\": \"{v}\""), ("l.log", "2024-01-02 10:11:12 INFO using {s}={v}"), ("readme.md", "```\nexport {N}={v}\n```"), ("p.ps1", "$secure = ConvertTo-SecureString \"{v}\" -AsPlainText -Force # {s}"), ("u.ps1", "Set-Item -Path Env:{N} -Value \"{v}\""), ("k.js", "process.env.{N} = '{v}'"), ("k.js", "const {c} = process.env.{N} || '{v}'"), ("k.ts", "headers: { '{k}': '{v}' }"),
        ("e.ex", "config :app, {s}: \"{v}\""), ("g.gradle", "{c}=\"{v}\""), ("x.xml", "<property name=\"{c}\" value=\"{v}\"/>"), ("x.xml", "<{k}>\n  {v}\n</{k}>"), ("x.xml", "<entry key=\"{s}\">{v}</entry>"), ("z.pubxml.user", "<PropertyGroup><{n}>{v}</{n}></PropertyGroup>"), ("h.hcl", "{s}   =   \"{v}\""), ("p.properties", "spring.service.{k}={v}"), ("i.ini", "{c}=\"{v}\" ; main"), ("s.sh", "./tool --{k} {v} --verbose"), ("s.sh", "./tool --{k}={v}"),
        ("t.tf", "  {s} = \"{v}\" # prod"), ("o.txt", "{w}: {v}"), ("o.txt", "the {w} is {v}"), ("b.bat", "setx {N} \"{v}\""), ("j.java", "props.setProperty(\"app.{s}\", \"{v}\");"), ("j.java", "String {c} = new String(\"{v}\");"), ("cc.cpp", "#define {N} \"{v}\""), ("m.m", "static NSString * const k{n} = @\"{v}\";"), ("d.Dockerfile", "ARG {N}=\"{v}\""), ("a.csx", "new {n}Credential(\"{v}\")"), ("nested.json", "{\"a\":\"{\\\"{s}\\\":\\\"{v}\\\"}\"}"),
    ];

    private static readonly string[] PasswordWords = ["password", "db password", "user password", "oracle pwd", "svc passwd", "proxy password"];
    private static readonly string[] SecretWords = ["api key", "client secret", "access token", "auth token", "secret key", "twilio auth token", "stripe secret", "datadog api key", "oauth client secret", "account key"];

    public static IEnumerable<LabelledCase> Secrets(int seed)
    {
        var made = new Made(seed);
        foreach (var (path, text) in Notations)
        {
            // Prose and index notations carry generated values only: nobody can tell a chosen word from a word there.
            foreach (var words in PasswordWords.Concat(SecretWords))
            {
                var value = PasswordWords.Contains(words) ? made.Next(3) == 0 ? made.Fill("{w12}") : made.Password() : made.Pick(made.Fill("{h32}"), made.Fill("{a16}"), made.Fill("{w20}"), made.Fill("{w40}"), made.Fill("{u32}"), made.Fill("{h64}"), made.Fill("{A24}"), made.Uuid().ToString(), Convert.ToBase64String(made.Bytes(24)), Convert.ToBase64String(made.Bytes(64)));
                if (value.IndexOfAny(['&', '#', '$', '"', '\'', ';', '<', '%', '!', '=', '+', '?', '*', '^']) >= 0 && path is "Makefile" or "s.sh" or "q.txt" or "b.bat" or "l.log" or "i.ini" or "p.properties")
                {
                    value = made.Fill("{w18}");
                }

                yield return new($"{path} {words}", $"src/{path}", Write(text, words, value), true) { Secret = value };
            }
        }
    }

    public static IEnumerable<LabelledCase> Innocent(int seed)
    {
        var made = new Made(seed);
        string[] placeholders =
        [
            "CHANGE_ME_NOW", "<YOUR_TOKEN>", "your-token-goes-here", "${env.TOKEN}", "$TOKEN", "{{token}}", "@@TOKEN@@", "#{TOKEN}", "%TOKEN%", "XXXXXXXXXXXX", "xxxx-xxxx-xxxx", "•••••••", "*****", "TBD", "n/a", "null", "undefined", "example-secret", "EXAMPLE", "sample-token", "my-api-key", "secretvalue", "insert_key", "abc123", "12345", "1234567890", "qwerty", "test1234",
            "token123", "[token]", "(secret)", "...", "????", "not-set", "false", "Bearer", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0123456789abcdef0123456789abcdef", "deadbeefdeadbeefdeadbeefdeadbeef", "getToken()", "config.token", "settings.ApiKey", "API_KEY", "access_token", "System.String", "appsettings.json", "/var/run/secrets/token", "https://contoso.com/token", "user@contoso.com",
        ];
        var n = 0;
        foreach (var words in SecretWords.Take(6).Concat(PasswordWords.Take(3)))
        {
            foreach (var placeholder in placeholders)
            {
                var (path, text) = Notations[n++ % Notations.Length];
                yield return new($"{path} {placeholder}", $"src/{path}", Write(text, words, placeholder), false);
            }
        }

        string[] other = ["request id", "sha", "git commit", "file hash", "object id", "subscription id", "public key token", "cache key", "node id", "trace parent", "assembly mvid", "package hash", "blob md5", "fingerprint", "etag", "sas policy name", "token count", "max tokens", "password reset url", "secret version", "key usage", "key id", "keyboard layout", "monkey patch", "author"];
        foreach (var words in other)
        {
            foreach (var (path, text) in Notations.Where((_, i) => i % 3 == 0))
            {
                yield return new($"{path} {words}", $"src/{path}", Write(text.Contains("SecureString", StringComparison.Ordinal) ? "{c} = {v}" : text, words, made.Pick(made.Fill("{h32}"), made.Fill("{h40}"), made.Fill("{h64}"), made.Uuid().ToString(), made.Fill("{d6}"))), false);
            }
        }
    }

    private static string Write(string text, string words, string value)
    {
        var parts = words.Split(' ');
        var pascal = string.Concat(parts.Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
        return text.Replace("{n}", pascal, StringComparison.Ordinal).Replace("{c}", char.ToLowerInvariant(pascal[0]) + pascal[1..], StringComparison.Ordinal).Replace("{N}", string.Join('_', parts).ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("{s}", string.Join('_', parts), StringComparison.Ordinal).Replace("{k}", string.Join('-', parts), StringComparison.Ordinal).Replace("{w}", words, StringComparison.Ordinal).Replace("{v}", value, StringComparison.Ordinal);
    }
}
