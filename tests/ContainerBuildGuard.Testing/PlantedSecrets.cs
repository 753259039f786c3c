using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Testing;

/// <summary>Forty secrets of all kinds, each with the place it is planted at.</summary>
public static class PlantedSecrets
{
    public static IReadOnlyList<(string Path, string Content, string Secret)> Files(Made made)
    {
        using var rsa = RSA.Create(2048);
        using var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var files = new List<(string, string, string)>();
        void Plant(string path, string content, string secret) => files.Add((path, content.Replace("{v}", secret, StringComparison.Ordinal), secret));

        Plant("app/appsettings.json", """{ "ConnectionStrings": { "Main": "Server=db.contoso.com;Database=shop;User Id=shop;Password={v};" } }""", made.Fill("{w14}"));
        Plant("app/appsettings.Production.json", """{ "Jwt": { "Key": "{v}" } }""", made.Fill("{w44}"));
        Plant("app/appsettings.Staging.json", """{ "AzureAd": { "ClientSecret": "{v}" } }""", made.Fill("{u3}8Q~{w34}"));
        Plant("app/web.config", "<add key=\"ApiKey\" value=\"{v}\" />", made.Fill("{w32}"));
        Plant("app/.env", "SMTP_PASSWORD={v}\n", "Falcon!7" + made.Fill("{w6}"));
        Plant("app/nuget.config", "<add key=\"ClearTextPassword\" value=\"{v}\" />", made.Fill("{a52}"));
        Plant("app/keys/server.key", "{v}", rsa.ExportPkcs8PrivateKeyPem());
        Plant("app/keys/ec.pem", "{v}", ec.ExportECPrivateKeyPem());
        Plant("app/keys/rsa.xml", "{v}", rsa.ToXmlString(true));
        Plant("root/.ssh/id_rsa", "{v}", rsa.ExportRSAPrivateKeyPem());
        Plant("root/.docker/config.json", """{ "auths": { "registry.contoso.com": { "auth": "{v}" } } }""", Convert.ToBase64String(Encoding.ASCII.GetBytes($"ci:{made.Fill("{w16}")}")));
        Plant("root/.aws/credentials", "[default]\naws_secret_access_key = {v}\n", made.Fill("{b40}"));
        Plant("root/.npmrc", "//registry.contoso.com/:_authToken={v}\n", made.Uuid().ToString());
        Plant("root/.netrc", "machine git.contoso.com login ci password {v}\n", made.Fill("{w20}"));
        Plant("root/.pgpass", "pg.contoso.com:5432:shop:shop:{v}\n", made.Fill("{w16}"));
        Plant("root/.git-credentials", "https://ci:{v}@git.contoso.com\n", made.Fill("{w24}"));
        Plant("root/.kube/config", "users:\n- name: admin\n  user:\n    client-key-data: {v}\n", Convert.ToBase64String(Encoding.ASCII.GetBytes(ec.ExportECPrivateKeyPem())));
        Plant("root/.aspnet/DataProtection-Keys/key-1.xml", "<masterKey><value>{v}</value></masterKey>", Convert.ToBase64String(made.Bytes(64)));
        Plant("app/deploy.sh", "curl -H \"Authorization: Bearer {v}\" https://api.contoso.com\n", made.Fill("{w40}"));
        Plant("app/init.sql", "CREATE LOGIN shop WITH PASSWORD = '{v}';\n", made.Fill("{w10}") + "!7a");
        Plant("app/Client.cs", "private const string ApiToken = \"{v}\";\n", made.Fill("{w36}"));
        Plant("app/wwwroot/site.js", "const stripe = Stripe('{v}');\n", "sk_live_" + made.Fill("{w24}"));
        Plant("app/values.yaml", "env:\n  - name: DB_PASSWORD\n    value: {v}\n", made.Fill("{w18}"));
        Plant("app/secret.yaml", "kind: Secret\ndata:\n  token: {v}\n", Convert.ToBase64String(Encoding.ASCII.GetBytes("glpat-" + made.Fill("{w20}"))));
        Plant("app/main.tf", "admin_password = \"{v}\"\n", made.Fill("{w12}") + "#4x");
        Plant("app/redis.conf", "requirepass {v}\nredis://:{v}@cache:6379/0\n", made.Fill("{w24}"));
        Plant("app/urls.txt", "https://shop.blob.core.windows.net/f?sv=2022-11-02&se=2031-01-01T00:00:00Z&sp=r&sig={v}\n", Uri.EscapeDataString(made.Fill("{b43}") + "="));
        foreach (var (path, form) in new[] { ("a/slack.txt", "xoxb-{d12}-{d12}-{w24}"), ("a/sendgrid.txt", "SG.{u22}.{u43}"), ("a/google.txt", "AIza{u35}"), ("a/aws.txt", "AKIA{216}"), ("a/gitlab.txt", "glpat-{w20}"), ("a/docker.txt", "dckr_pat_{w27}"), ("a/vault.txt", "hvs.{w95}"), ("a/grafana.txt", "glsa_{w32}_{h8}"), ("a/openai.txt", "sk-proj-{w20}T3BlbkFJ{w20}"), ("a/pypi.txt", "pypi-AgEIcHlwaS5vcmc{u80}"), ("a/databricks.txt", "dapi{h32}"), ("a/shopify.txt", "shpat_{h32}"), ("a/postman.txt", "PMAK-{h24}-{h34}") })
        {
            Plant($"app/{path}", "use {v} here\n", made.Fill(form));
        }

        return files;
    }
}
