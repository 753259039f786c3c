using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>Files with a secret.</summary>
internal static class SecretCorpus
{
    private static readonly string[] PasswordNames = ["password", "db password", "smtp password", "admin password", "sa password", "redis pwd", "user passwd", "keystore password", "certificate password", "ftp pass"];
    private static readonly string[] PasswordNamesHeldOut = ["database password", "mail password", "pg password", "login pwd", "root passwd", "ldap bind password", "service account password", "pfx passphrase"];
    private static readonly string[] SecretNames = ["client secret", "api key", "access token", "jwt secret", "signing key", "auth token", "secret key", "encryption key", "webhook secret", "api token"];
    private static readonly string[] SecretNamesHeldOut = ["consumer secret", "refresh token", "subscription key", "hmac key", "bot token", "private key", "shared secret", "app secret", "deploy token", "storage access key"];

    /// <summary>Forms that the descriptions of their services give.</summary>
    public static string[] Forms { get; } =
    [
        "github_pat_{w22}_{w59}", "glpat-{u20}", "xoxb-{d12}-{d12}-{w24}", "xoxp-{d12}-{d12}-{d12}-{h32}", "SG.{u22}.{u43}", "sk_live_{w24}", "rk_live_{w40}", "AKIA{216}", "AIza{u35}", "GOCSPX-{u28}", "dop_v1_{h64}", "dckr_pat_{u27}", "hf_{l34}", "sk-ant-api03-{u93}AA",
        "sk-proj-{w20}T3BlbkFJ{w20}", "hvs.{u95}", "{w14}.atlasv1.{u65}", "glsa_{w32}_{h8}", "NRAK-{A27}", "sntrys_{b60}_{b43}", "shpat_{h32}", "PMAK-{h24}-{h34}", "key-{h32}", "rubygems_{h48}", "pypi-AgEIcHlwaS5vcmc{u80}", "npm_{w36}", "oy2{a43}", "dapi{h32}", "{d9}:AA{u33}",
        "https://hooks.slack.com/services/T{A8}/B{A10}/{w24}", "https://discord.com/api/webhooks/{d18}/{u68}", "lin_api_{w40}", "pul-{h40}", "dp.pt.{w43}", "EZAK{w54}", "rdme_{a70}", "xkeysib-{h64}-{w16}", "figd_{u40}", "ntn_{d11}{w35}", "gsk_{w52}", "pplx-{w48}", "r8_{w37}", "nvapi-{u64}", "sbp_{h40}",
        "shippo_live_{h40}", "tskey-auth-{w17}-{w32}", "FLWSECK-{h32}-X", "duffel_live_{u43}", "squ_{h40}", "AKCp{w69}", "ATATT3{u180}=", "dt0c01.{A24}.{A64}", "pscale_tkn_{u43}", "fio-u-{u64}", "EAAG{w120}", "whsec_{w32}", "{h32}-us12", "sq0atp-{u22}", "rzp_live_{w14}", "phx_{w43}",
        "{w76}AZDO{w4}", "{u3}8Q~{u34}", "LTAI{w20}", "AKID{w32}", "AQVN{u36}", "CLOJARS_{a60}", "tfp_{u59}", "apify_api_{w36}", "patAbCdEfGhIjKlMn.{h64}", "bkua_{h40}", "CCIPAT_{w22}_{h40}", "glptt-{h40}", "GR1348941{u20}", "ya29.{u60}", "xapp-1-A{A10}-{d12}-{h64}",
    ];

    public static IEnumerable<LabelledCase> Build(int seed, bool heldOut)
    {
        var made = new Made(seed);
        var notations = heldOut ? Notations.HeldOut : Notations.Known;
        foreach (var name in heldOut ? PasswordNamesHeldOut : PasswordNames)
        {
            foreach (var (path, text) in notations)
            {
                var password = made.Password();
                yield return new($"password {path}", path, Notations.Write(text, name, password), true) { Secret = password };
            }
        }

        foreach (var name in heldOut ? SecretNamesHeldOut : SecretNames)
        {
            foreach (var (path, text) in notations)
            {
                var token = made.Token();
                yield return new($"secret {path}", path, Notations.Write(text, name, token), true) { Secret = token };
            }
        }

        for (var i = 0; i < Forms.Length; i++)
        {
            var (path, text) = notations[i % notations.Length];
            var token = Checked(made.Fill(Forms[i]));
            yield return new($"form {Forms[i]}", path, Notations.Write(text, made.Pick("setting", "value", "x", "service", "connection"), token), true) { Secret = token };
        }

        foreach (var special in Special(made))
        {
            yield return special;
        }
    }

    private static string Checked(string token) => token.StartsWith("npm_", StringComparison.Ordinal) ? $"npm_{token[4..34]}{Crc32Tokens.Digits(Encoding.ASCII.GetBytes(token[4..34]))}" : token;

    private static IEnumerable<LabelledCase> Special(Made made)
    {
        var password = made.Password();
        string[] connections =
        [
            $"Server=tcp:db.contoso.com,1433;Initial Catalog=shop;User ID=shop;Password={password};Encrypt=True;", $"Host=pg.contoso.com;Port=5432;Database=shop;Username=shop;Password={password}", $"Data Source=ora.contoso.com/orcl;User Id=scott;Password={password};",
            $"Server=mysql.contoso.com;Uid=shop;Pwd={password};Database=shop", $"cache.contoso.com:6380,password={made.Token()},ssl=True,abortConnect=False", $"Driver={{ODBC Driver 18 for SQL Server}};Server=db;Database=shop;Uid=sa;Pwd={password};",
            $"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={made.Fill("{b86}")}==;EndpointSuffix=core.windows.net", $"Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={made.Fill("{b43}")}=", $"Endpoint=https://shop.azconfig.io;Id=abc-l0-s0:{made.Fill("{w20}")};Secret={made.Fill("{b43}")}=",
            $"postgres://shop:{made.Fill("{w16}")}@pg.contoso.com:5432/shop", $"mongodb+srv://shop:{made.Fill("{w14}")}@cluster0.ab1cd.mongodb.net/shop?retryWrites=true", $"amqps://shop:{made.Fill("{w18}")}@mq.contoso.com/vhost", $"redis://:{made.Fill("{w24}")}@cache.contoso.com:6379/0", $"https://deploy:{made.Fill("{w20}")}@git.contoso.com/shop.git",
            $"jdbc:sqlserver://db.contoso.com:1433;databaseName=shop;user=shop;password={password}",
        ];
        foreach (var connection in connections)
        {
            yield return new("connection", "appsettings.json", $$"""{ "ConnectionStrings": { "Main": "{{connection.Replace("\\", "\\\\", StringComparison.Ordinal)}}" } }""", true) { Secret = connection };
            yield return new("connection in code", "Data.cs", $"services.AddDb(\"{connection}\");", true) { Secret = connection };
            yield return new("connection in env", ".env", $"ConnectionStrings__Main={connection}\n", true) { Secret = connection };
        }

        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var pem in (string[])[rsa.ExportRSAPrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem(), ec.ExportECPrivateKeyPem(), ec.ExportPkcs8PrivateKeyPem(), rsa.ExportEncryptedPkcs8PrivateKeyPem("x", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000))])
        {
            yield return new("pem", "tls/server.key", pem, true) { Secret = pem };
            yield return new("pem in json", "sa.json", $$"""{ "type": "service_account", "private_key": "{{pem.Replace("\n", "\\n", StringComparison.Ordinal)}}\n" }""", true) { Secret = pem };
            yield return new("pem in base64", "secret.yaml", $"kind: Secret\ndata:\n  tls.key: {Convert.ToBase64String(Encoding.ASCII.GetBytes(pem))}\n", true) { Secret = pem };
        }

        yield return new("rsa xml", "key.xml", rsa.ToXmlString(includePrivateParameters: true), true);
        yield return new("docker", ".docker/config.json", $$"""{ "auths": { "registry.contoso.com": { "auth": "{{Convert.ToBase64String(Encoding.ASCII.GetBytes($"ci:{password}"))}}" } } }""", true);
        yield return new("nuget", "nuget.config", $"<packageSourceCredentials><feed><add key=\"Username\" value=\"ci\" /><add key=\"ClearTextPassword\" value=\"{made.Fill("{a52}")}\" /></feed></packageSourceCredentials>", true);
        yield return new("npmrc", ".npmrc", $"//registry.contoso.com/:_authToken={made.Uuid()}\n", true);
        yield return new("netrc", ".netrc", $"machine git.contoso.com login ci password {made.Fill("{w20}")}\n", true);
        yield return new("machine key", "web.config", $"<machineKey validationKey=\"{made.Fill("{h64}").ToUpperInvariant()}\" decryptionKey=\"{made.Fill("{h48}").ToUpperInvariant()}\" validation=\"SHA1\" />", true);
        yield return new("data protection", "keys/key-1.xml", $"<masterKey xmlns:p4=\"x\" p4:requiresEncryption=\"true\"><value>{Convert.ToBase64String(made.Bytes(64))}</value></masterKey>", true);
        yield return new("kubernetes", "db-secret.yaml", $"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n  password: {Convert.ToBase64String(Encoding.ASCII.GetBytes(made.Password()))}\n", true);
        yield return new("bearer", "call.sh", $"curl -H \"Authorization: Bearer {made.Fill("{w40}")}\" https://api.contoso.com/v1\n", true);
        yield return new("basic", "call.http", $"GET https://api.contoso.com/v1\nAuthorization: Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($"ci:{password}"))}\n", true);
        yield return new("curl", "call.sh", $"curl -u ci:{made.Fill("{w16}")} https://api.contoso.com/v1\n", true);
        yield return new("jwt", "token.txt", $"{Json("{\"alg\":\"HS256\",\"typ\":\"JWT\"}")}.{Json("{\"sub\":\"" + made.Fill("{d10}") + "\",\"role\":\"admin\"}")}.{made.Fill("{u43}")}\n", true);
        yield return new("sas", "urls.txt", $"https://shop.blob.core.windows.net/files?sv=2022-11-02&ss=b&srt=sco&sp=rl&se=2030-01-01T00:00:00Z&sig={Uri.EscapeDataString(made.Fill("{b43}") + "=")}\n", true);
        yield return new("sql", "init.sql", $"CREATE LOGIN shop WITH PASSWORD = '{made.Fill("{w8}")}!7a';\n", true);
        yield return new("sql mysql", "init.sql", $"CREATE USER 'shop'@'%' IDENTIFIED BY '{made.Fill("{w12}")}9';\n", true);
        yield return new("pgpass", ".pgpass", $"pg.contoso.com:5432:shop:shop:{made.Fill("{w16}")}\n", true);
        yield return new("git credentials", ".git-credentials", $"https://ci:{made.Fill("{w24}")}@git.contoso.com\n", true);
        yield return new("aws", ".aws/credentials", $"[default]\naws_access_key_id = AKIA{made.Fill("{216}")}\naws_secret_access_key = {made.Fill("{b40}")}\n", true);
        foreach (var service in (string[])["algolia", "datadog", "mailjet", "okta", "pusher", "trello", "zendesk", "asana", "bitly", "dropbox", "fastly", "finnhub", "infobip", "intercom", "mapquest", "opsgenie", "pagerduty", "rollbar", "splunk", "sumologic", "telnyx", "travisci", "twitch", "uploadcare", "vultr"])
        {
            yield return new($"service {service}", "config.yaml", $"integrations:\n  {service}_key: {made.Fill(made.Pick("{h32}", "{w40}", "{a24}", "{h40}"))}\n", true);
            yield return new($"service {service}", "Integrations.cs", $"var {service} = new {char.ToUpperInvariant(service[0])}{service[1..]}Client(apiKey: \"{made.Fill(made.Pick("{h32}", "{w40}", "{a24}", "{g}"))}\");\n", true);
        }

        static string Json(string json) => Convert.ToBase64String(Encoding.UTF8.GetBytes(json)).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
