namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>How files write that a name has a value. {n} is the name in some spelling, {v} the value.</summary>
internal static class Notations
{
    /// <summary>The notations that the detectors were developed against.</summary>
    public static (string Path, string Text)[] Known { get; } =
    [
        ("appsettings.json", "{\n  \"Logging\": { \"LogLevel\": { \"Default\": \"Information\" } },\n  \"Service\": {\n    \"BaseUrl\": \"https://api.contoso.com\",\n    \"{n}\": \"{v}\"\n  }\n}\n"),
        ("config.yml", "service:\n  url: https://api.contoso.com\n  {n}: {v}\n  retries: 3\n"),
        (".env", "ASPNETCORE_URLS=http://+:8080\n{N}={v}\nLOG_LEVEL=info\n"),
        ("Startup.cs", "public class Startup\n{\n    private const string {n} = \"{v}\";\n\n    public void Configure() { }\n}\n"),
        ("web.config", "<configuration>\n  <appSettings>\n    <add key=\"{n}\" value=\"{v}\" />\n    <add key=\"Mode\" value=\"full\" />\n  </appSettings>\n</configuration>\n"),
        ("deploy.sh", "#!/bin/sh\nset -e\nexport {N}=\"{v}\"\n./run.sh\n"),
        ("Dockerfile", "FROM mcr.microsoft.com/dotnet/aspnet:10.0\nENV {N}={v}\nENTRYPOINT [\"dotnet\", \"app.dll\"]\n"),
        ("client.js", "const client = new Client({\n  region: 'eu-west-1',\n  {n}: '{v}',\n});\n"),
        ("application.properties", "server.port=8080\napp.{n}={v}\n"),
        ("main.tf", "resource \"app\" \"main\" {\n  name = \"web\"\n  {s} = \"{v}\"\n}\n"),
        ("settings.ini", "[service]\nhost = api.contoso.com\n{n} = {v}\n"),
        ("app.py", "import os\n\n{N} = \"{v}\"\n\ndef main():\n    pass\n"),
    ];

    /// <summary>Notations kept aside.</summary>
    public static (string Path, string Text)[] HeldOut { get; } =
    [
        ("appsettings.Production.json", "{\"Clients\":[{\"Name\":\"crm\",\"{n}\":\"{v}\",\"Timeout\":30}]}"),
        ("docker-compose.yml", "services:\n  web:\n    image: web:1.2\n    environment:\n      - MODE=prod\n      - {N}={v}\n"),
        ("values.yaml", "env:\n  - name: {N}\n    value: \"{v}\"\n"),
        ("config.toml", "[service]\nname = \"web\"\n{s} = \"{v}\"\n"),
        ("Client.cs", "var options = new ClientOptions\n{\n    Endpoint = new Uri(\"https://api.contoso.com\"),\n    {n} = \"{v}\",\n};\n"),
        ("Program.cs", "builder.Configuration[\"Service:{n}\"] = \"{v}\";\n"),
        ("settings.xml", "<settings>\n  <server>\n    <id>nexus</id>\n    <{n}>{v}</{n}>\n  </server>\n</settings>\n"),
        ("App.config", "<setting name=\"{n}\" serializeAs=\"String\">\n  <value>{v}</value>\n</setting>\n"),
        ("run.ps1", "$env:{N} = '{v}'\nStart-Process app.exe\n"),
        ("server.ts", "export const {n}: string = \"{v}\";\n"),
        ("main.go", "package main\n\nfunc main() {\n\t{n} := \"{v}\"\n\trun({n})\n}\n"),
        ("Settings.java", "public class Settings {\n    private static final String {N} = \"{v}\";\n}\n"),
        ("arm.json", "{ \"appSettings\": [ { \"name\": \"{n}\", \"value\": \"{v}\" } ] }\n"),
        ("start.bat", "@echo off\nset {N}={v}\napp.exe\n"),
        ("job.rb", "config.{s} = '{v}'\n"),
        ("conf.php", "return [ '{s}' => '{v}', 'debug' => false ];\n"),
        ("notes.txt", "New server is up.\n{n}: {v}\nAsk Tom for details.\n"),
        ("launchSettings.json", "{\n  \"profiles\": { \"web\": { \"commandName\": \"Project\", \"environmentVariables\": { \"{N}\": \"{v}\" } } }\n}\n"),
    ];

    /// <summary>Writes one case: the name in the spelling that the notation asks for.</summary>
    public static string Write(string text, string words, string value)
    {
        var parts = words.Split(' ');
        var pascal = string.Concat(parts.Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
        return text.Replace("{n}", text.Contains("const {n}", StringComparison.Ordinal) || text.Contains("\t{n}", StringComparison.Ordinal) || text.Contains("'{v}',", StringComparison.Ordinal) ? char.ToLowerInvariant(pascal[0]) + pascal[1..] : pascal, StringComparison.Ordinal)
            .Replace("{N}", string.Join('_', parts).ToUpperInvariant(), StringComparison.Ordinal)
            .Replace("{s}", string.Join('_', parts), StringComparison.Ordinal)
            .Replace("{v}", value, StringComparison.Ordinal);
    }
}
