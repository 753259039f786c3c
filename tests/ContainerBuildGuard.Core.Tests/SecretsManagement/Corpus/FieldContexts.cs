using System.Text;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>
/// Files as they lie about in projects, with a value of a service in them. {S}, {s}, {U}: the service; {P}, {c}, {n}, {N}, {k}, {w}: what it calls the credential, as
/// Pascal, camel, snake, UPPER, kebab case and words; {v} the value, {b64} the value in base64.
/// </summary>
internal static partial class FieldContexts
{
    public static (string Path, string Text)[] First { get; } =
    [
        ("src/appsettings.json", "{\n  \"AllowedHosts\": \"*\",\n  \"{S}\": {\n    \"BaseUrl\": \"https://api.{s}.com\",\n    \"{P}\": \"{v}\"\n  }\n}\n"),
        ("deploy/docker-compose.yml", "services:\n  api:\n    image: shop/api:3.1\n    environment:\n      {U}_{N}: {v}\n      TZ: UTC\n"),
        ("src/{S}Gateway.cs", "public sealed class {S}Gateway\n{\n    private readonly {S}Client _client = new {S}Client(\"{v}\");\n}\n"),
        ("lib/{s}.js", "const {s} = require('{s}')('{v}');\n\nmodule.exports = {s};\n"),
        ("jobs/sync.py", "from {s} import Client\n\nclient = Client({n}=\"{v}\", timeout=30)\n"),
        ("scripts/fetch.sh", "#!/bin/bash\ncurl -s -H \"X-{S}-{K}: {v}\" \"https://api.{s}.com/v1/items?page=1\" | jq .\n"),
        ("docs/links.txt", "https://api.{s}.com/v2/data?{n}={v}&format=json\n"),
        ("infra/provider.tf", "provider \"{s}\" {\n  {n} = \"{v}\"\n}\n"),
        ("config/Web.config", "<configuration>\n  <appSettings>\n    <add key=\"{S}:{P}\" value=\"{v}\" />\n  </appSettings>\n</configuration>\n"),
        ("notes/handover.md", "## {S}\n\nOur {w} is `{v}`, ask Dana for the dashboard login.\n"),
        ("notebooks/explore.ipynb", "{\n \"cells\": [\n  {\n   \"cell_type\": \"code\",\n   \"source\": [\n    \"import os\\n\",\n    \"os.environ[\\\"{U}_{N}\\\"] = \\\"{v}\\\"\\n\"\n   ]\n  }\n ]\n}\n"),
        ("export/accounts.csv", "service,owner,{n}\n{s},dana,{v}\n"),
        ("db/seed.sql", "INSERT INTO settings (name, value) VALUES ('{s}_{n}', '{v}');\n"),
        ("Jenkinsfile", "pipeline {\n  agent any\n  environment {\n    {U}_{N} = '{v}'\n  }\n}\n"),
        ("app/Config.php", "<?php\ndefine('{U}_{N}', '{v}');\n"),
        ("app/src/main/res/values/strings.xml", "<resources>\n    <string name=\"app_name\">Shop</string>\n    <string name=\"{s}_{n}\">{v}</string>\n</resources>\n"),
        ("tests/collection.json", "{ \"variable\": [ { \"key\": \"{s}_{n}\", \"value\": \"{v}\", \"type\": \"string\" } ] }\n"),
        ("patches/fix.diff", "--- a/config.yml\n+++ b/config.yml\n@@ -1,3 +1,3 @@\n service: {s}\n-{n}: ${{U}_{N}}\n+{n}: {v}\n"),
        ("etc/{s}.service", "[Unit]\nDescription={S} sync\n\n[Service]\nEnvironment=\"{U}_{N}={v}\"\nExecStart=/usr/bin/sync\n"),
        ("etc/nginx.conf", "location /{s}/ {\n    proxy_set_header X-{K} \"{v}\";\n    proxy_pass https://api.{s}.com/;\n}\n"),
        ("pipelines/azure-pipelines.yml", "variables:\n- name: {U}_{N}\n  value: {v}\nsteps:\n- script: make\n"),
        ("k8s/secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {s}\ntype: Opaque\nstringData:\n  {n}: {v}\n"),
        ("Runbook.txt", "docker run -d --name web -e {U}_{N}={v} -p 80:8080 shop/web:latest\n"),
        ("cmd/main.go", "package main\n\nconst {s}{P} = \"{v}\"\n"),
        ("public/config.js", "window.__CONFIG__={\"env\":\"prod\",\"{s}{P}\":\"{v}\"};\n"),
        ("logs/app.log", "2026-02-11T09:14:03Z INFO  {s}.client - using {w} {v}\n2026-02-11T09:14:04Z INFO  ready\n"),
    ];

    public static (string Path, string Text)[] Second { get; } =
    [
        (".env.production", "NODE_ENV=production\n{U}_{N}={v}\nPORT=3000\n"),
        (".github/workflows/deploy.yml", "jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    env:\n      {U}_{N}: \"{v}\"\n    steps:\n      - run: ./deploy.sh\n"),
        ("src/Services/{S}Service.cs", "public class {S}Service\n{\n    private const string {P} = \"{v}\";\n    private readonly HttpClient _http = new();\n}\n"),
        ("scripts/call.sh", "curl https://api.{s}.com/v1/me \\\n  -H \"Accept: application/json\" \\\n  -H \"Authorization: Bearer {v}\"\n"),
        ("src/main/resources/application.properties", "spring.application.name=shop\n{s}.{k}={v}\nserver.port=8080\n"),
        ("src/main/resources/application.yml", "spring:\n  application:\n    name: shop\n{s}:\n  base-url: https://api.{s}.com\n  {k}: {v}\n"),
        ("Dockerfile", "FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build\nARG {U}_{N}={v}\nRUN dotnet restore\n"),
        ("lib/{s}_client.rb", "require '{s}'\n\n{S}.configure do |config|\n  config.{n} = '{v}'\nend\n"),
        ("App/Info.plist", "<plist version=\"1.0\"><dict>\n\t<key>{S}{P}</key>\n\t<string>{v}</string>\n</dict></plist>\n"),
        ("captures/session.har", "{ \"log\": { \"entries\": [ { \"request\": { \"url\": \"https://api.{s}.com/\", \"headers\": [ { \"name\": \"X-{K}\", \"value\": \"{v}\" } ] } } ] } }\n"),
        ("src/api.ts", "export const {s} = {\n  url: 'https://api.{s}.com',\n  // {c}: process.env.{U}_{N},\n  {c}: '{v}',\n};\n"),
        ("chat/export.txt", "[10:42] dana: the {s} {w}: {v}\n[10:43] tom: thanks, do not post it here\n"),
        ("scripts/Call.ps1", "$headers = @{ \"X-{K}\" = \"{v}\" }\nInvoke-RestMethod -Uri https://api.{s}.com/v1 -Headers $headers\n"),
        ("ansible/group_vars/all.yml", "---\n{s}_region: eu\n{s}_{n}: \"{v}\"\n"),
        ("k8s/secret.yml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: {s}-credentials\ndata:\n  {k}: {b64}\n"),
        ("config/settings.toml", "[{s}]\nenabled = true\n{n} = \"{v}\"\n"),
        ("load/plan.jmx", "<elementProp name=\"h\" elementType=\"Header\">\n  <stringProp name=\"Header.name\">X-{K}</stringProp>\n  <stringProp name=\"Header.value\">{v}</stringProp>\n</elementProp>\n"),
        ("setup.txt", "dotnet user-secrets set \"{S}:{P}\" \"{v}\"\n"),
        ("charts/install.sh", "helm upgrade --install {s} ./charts/{s} --set {s}.{c}={v} --wait\n"),
        ("src/Main.kt", "object {S}Config {\n    const val {N} = \"{v}\"\n}\n"),
        ("src/{s}.rs", "pub const {U}_{N}: &str = \"{v}\";\n"),
        ("src/{s}.cpp", "static const char* k{S}{P} = \"{v}\";\n"),
        ("config.ini", "[{s}]\nhost = api.{s}.com\n{n} = {v}\n"),
        ("legacy/settings.xml", "<settings>\n  <{c}>{v}</{c}>\n</settings>\n"),
        ("docs/api.md", "Call it like this:\n\n```bash\ncurl \"https://api.{s}.com/v1/list?{n}={v}\"\n```\n"),
        ("crontab", "MAILTO=ops@contoso.com\n{U}_{N}={v}\n0 3 * * * /opt/{s}/sync\n"),
    ];

    public static string Write(string text, (string Name, string Label, string Form) service, string value)
    {
        var parts = service.Label.Split(' ');
        var pascal = string.Concat(parts.Select(Capital));
        (string Mark, string Text)[] marks =
        [
            ("{S}", Capital(service.Name)), ("{s}", service.Name), ("{U}", service.Name.ToUpperInvariant()), ("{P}", pascal), ("{c}", $"{char.ToLowerInvariant(pascal[0])}{pascal[1..]}"), ("{n}", string.Join('_', parts)),
            ("{N}", string.Join('_', parts).ToUpperInvariant()), ("{k}", string.Join('-', parts)), ("{K}", string.Join('-', parts.Select(Capital))), ("{w}", service.Label), ("{b64}", Convert.ToBase64String(Encoding.UTF8.GetBytes(value))), ("{v}", value),
        ];
        return marks.Aggregate(text, (all, mark) => all.Replace(mark.Mark, mark.Text, StringComparison.Ordinal));
    }

    /// <summary>Half of the files lie under a name that says nothing of their content.</summary>
    public static string PathOf(string path, string service, int number) => number % 2 == 0 ? $"files/{number}.txt" : path.Replace("{S}", Capital(service), StringComparison.Ordinal).Replace("{s}", service, StringComparison.Ordinal);

    private static string Capital(string word) => $"{char.ToUpperInvariant(word[0])}{word[1..]}";
}
