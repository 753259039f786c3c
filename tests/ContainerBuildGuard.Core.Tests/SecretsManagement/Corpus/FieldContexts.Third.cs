namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>A third list of contexts, written after the first two had been learnt from.</summary>
internal static partial class FieldContexts
{
    public static (string Path, string Text)[] Third { get; } =
    [
        (".travis.yml", "language: csharp\nenv:\n  global:\n    - {U}_{N}={v}\n"),
        ("gradle.properties", "org.gradle.jvmargs=-Xmx2g\n{s}{P}={v}\n"),
        ("local.settings.json", "{ \"IsEncrypted\": false, \"Values\": { \"FUNCTIONS_WORKER_RUNTIME\": \"dotnet\", \"{S}{P}\": \"{v}\" } }"),
        (".vscode/launch.json", "{ \"configurations\": [ { \"type\": \"coreclr\", \"env\": { \"{U}_{N}\": \"{v}\" } } ] }"),
        ("package.json", "{ \"scripts\": { \"start\": \"{U}_{N}={v} node server.js\" } }"),
        ("Vagrantfile", "Vagrant.configure('2') do |config|\n  ENV['{U}_{N}'] = '{v}'\nend\n"),
        ("Procfile.dev", "web: {U}_{N}={v} bundle exec puma\n"),
        ("config/prod.exs", "config :shop, Shop.{S},\n  {n}: \"{v}\",\n  timeout: 5000\n"),
        ("src/core.clj", "(def {s} {:url \"https://api.{s}.com\" :{k} \"{v}\"})\n"),
        ("src/Main.scala", "object Main extends App {\n  private val {c} = \"{v}\"\n}\n"),
        ("bin/sync.pl", "my ${n} = '{v}';\nmy $ua = LWP::UserAgent->new;\n"),
        ("analysis.R", "Sys.setenv({U}_{N} = \"{v}\")\nlibrary(httr)\n"),
        (".emacs", "(setq {s}-{k} \"{v}\")\n"),
        ("init.lua", "local {s} = { url = \"https://api.{s}.com\", {n} = \"{v}\" }\nreturn {s}\n"),
        ("inspect.json", "[ { \"Config\": { \"Env\": [ \"PATH=/usr/bin\", \"{U}_{N}={v}\" ] } } ]"),
        ("clients.xml", "<clients>\n  <client name=\"{s}\" {c}=\"{v}\" timeout=\"30\" />\n</clients>\n"),
        ("form.http", "POST https://api.{s}.com/v1/send HTTP/1.1\nContent-Type: application/x-www-form-urlencoded\n\nfrom=shop&{n}={v}&to=dana\n"),
        ("get.sh", "wget --header='X-{K}: {v}' https://api.{s}.com/v1/items\n"),
        ("config.fish", "set -gx {U}_{N} {v}\n"),
        ("main.bicep", "param {s}{P} string = '{v}'\n"),
        ("azuredeploy.parameters.json", "{ \"parameters\": { \"{s}{P}\": { \"value\": \"{v}\" } } }"),
        ("pulumi.sh", "pulumi config set --secret {s}:{c} {v}\n"),
        ("azure.sh", "az webapp config appsettings set -g rg -n shop --settings {U}_{N}={v}\n"),
        ("heroku.txt", "heroku config:set {U}_{N}={v} --app shop\n"),
        ("kubectl.sh", "kubectl create secret generic {s} --from-literal={k}={v}\n"),
        ("gh.sh", "gh secret set {U}_{N} --body \"{v}\"\n"),
        ("README.adoc", "== {S}\n\nSet the {w}:\n\n----\nexport {U}_{N}=\"{v}\"\n----\n"),
        ("cm.yaml", "kind: ConfigMap\ndata:\n  config.json: |\n    { \"{s}\": { \"{c}\": \"{v}\" } }\n"),
        ("main.dart", "const String {s}{P} = '{v}';\n"),
        ("{S}Tests.cs", "[Fact]\npublic async Task Lists_items()\n{\n    var client = new RestClient(\"https://api.{s}.com\");\n    client.AddDefaultHeader(\"X-{K}\", \"{v}\");\n}\n"),
        ("index.html", "<script>\n  {s}.init({ {c}: \"{v}\", debug: false });\n</script>\n"),
        ("dump.json", "{\"level\":\"debug\",\"msg\":\"request\",\"headers\":{\"X-{K}\":[\"{v}\"]},\"url\":\"https://api.{s}.com\"}\n"),
        ("Client.vb", "Private Const {P} As String = \"{v}\"\n"),
        ("options.yaml", "{s}:\n  auth:\n    type: apikey\n    {c}: >-\n      {v}\n"),
    ];
}
