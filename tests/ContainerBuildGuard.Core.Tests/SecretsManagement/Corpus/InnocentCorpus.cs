using System.Security.Cryptography;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>Files without a secret that look as if they had one.</summary>
internal static class InnocentCorpus
{
    private static readonly string[] Names = ["password", "client secret", "api key", "access token", "db password", "signing key", "auth token", "jwt secret"];

    private static readonly string[] Placeholders =
    [
        "", "changeme", "<your-api-key>", "${SECRET}", "$(Secret)", "#{Secret}#", "{{ secret }}", "%SECRET%", "__SECRET__", "your-secret-here", "YOUR_API_KEY", "xxxxxxxxxxxxxxxx", "****************", "REPLACE_ME", "<password>", "password", "secret", "null", "TODO", "example-key", "insert-key-here", "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x)",
        "00000000-0000-0000-0000-000000000000", "12345678", "aaaaaaaaaaaa", "abcdefgh", "test", "dummy-token", "placeholder", "redacted", "none", "string", "undefined", "your_password", "my-secret", "[REDACTED]",
    ];

    private static readonly string[] PlaceholdersHeldOut =
    [
        "change-me-please", "<insert token>", "${{ secrets.API_KEY }}", "$SECRET", "{SECRET}", "%(secret)s", "enter_your_key", "put-your-key-here", "XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXXXXXX", "...", "-", "some-secret", "fake-token", "sample_key", "YourStrongPasswordHere", "<secret/>", "********", "not-a-real-key", "0000000000000000", "1234567890abcdef", "secret-key", "api-key", "foobar",
        "env:API_KEY", "vault:secret/data/app#key", "*** hidden ***", "default", "test-password", "passw", "user_password", "process.env.SECRET",
    ];

    public static IEnumerable<LabelledCase> Build(int seed, bool heldOut)
    {
        var made = new Made(seed);
        var notations = heldOut ? Notations.HeldOut : Notations.Known;
        var n = 0;
        foreach (var placeholder in heldOut ? PlaceholdersHeldOut : Placeholders)
        {
            foreach (var name in Names)
            {
                var (path, text) = notations[n++ % notations.Length];
                yield return new($"placeholder {placeholder}", path, Notations.Write(text, name, placeholder), false);
            }
        }

        string[] publicNames = ["sha256", "commit id", "content hash", "etag", "image digest", "correlation id", "tenant id", "project guid", "public key", "cache version", "build id", "file checksum", "thumbprint", "build hash", "revision"];
        foreach (var name in publicNames)
        {
            foreach (var (path, text) in notations)
            {
                yield return new($"public {name}", path, Notations.Write(text, name, made.Pick(made.Fill("{h40}"), made.Fill("{h64}"), made.Uuid().ToString(), made.Fill("{h32}"))), false);
            }
        }

        string[] aboutSecrets = ["password length", "token url", "secret name", "key vault name", "password hint", "token expiry", "api key header", "password policy", "token type", "primary key", "partition key", "key file", "auth scheme", "cookie name", "token lifetime"];
        string[] values = ["12", "https://login.contoso.com/token", "app-secrets", "kv-shop-prod-01", "Name of your first dog", "01:00:00", "X-Api-Key-2", "AtLeast8Chars1Digit", "Bearer", "order_id_2024", "/tenants/2024", "/etc/keys/app.key", "Cookies", ".AspNetCore.Session2", "3600"];
        for (var i = 0; i < aboutSecrets.Length; i++)
        {
            foreach (var (path, text) in notations)
            {
                yield return new($"about {aboutSecrets[i]}", path, Notations.Write(text, aboutSecrets[i], values[i]), false);
            }
        }

        foreach (var innocent in heldOut ? DocumentsHeldOut(made) : Documents(made))
        {
            yield return innocent with { IsSecret = false };
        }
    }

    private static IEnumerable<LabelledCase> Documents(Made made)
    {
        using var rsa = RSA.Create(2048);
        yield return new("public key", "id.pub", rsa.ExportSubjectPublicKeyInfoPem(), false);
        yield return new("lock", "packages.lock.json", $$"""{ "version": 1, "dependencies": { "net10.0": { "A": { "type": "Direct", "resolved": "1.0.0", "contentHash": "{{Convert.ToBase64String(made.Bytes(64))}}" } } } }""", false);
        yield return new("npm lock", "package-lock.json", $$"""{ "packages": { "node_modules/a": { "resolved": "https://registry.npmjs.org/a/-/a-1.0.0.tgz", "integrity": "sha512-{{Convert.ToBase64String(made.Bytes(64))}}" } } }""", false);
        yield return new("integrity", "index.html", $"<script src=\"https://cdn.contoso.com/a.js\" integrity=\"sha384-{Convert.ToBase64String(made.Bytes(48))}\" crossorigin=\"anonymous\"></script>", false);
        yield return new("csproj", "App.csproj", $"<Project><PropertyGroup><UserSecretsId>{made.Uuid()}</UserSecretsId><ProjectGuid>{made.Uuid()}</ProjectGuid><AssemblyOriginatorKeyFile>key.snk</AssemblyOriginatorKeyFile><PublicKeyToken>b03f5f7f11d50a3a</PublicKeyToken></PropertyGroup></Project>", false);
        yield return new("code", "Login.cs", "public async Task<string> LoginAsync(string userName, string password)\n{\n    var token = await _tokens.CreateTokenAsync(userName, password);\n    if (password == null) throw new ArgumentNullException(nameof(password));\n    var apiKey = _configuration[\"Service:ApiKey\"];\n    var secret = Environment.GetEnvironmentVariable(\"CLIENT_SECRET\");\n    return token;\n}\n", false);
        yield return new("resources", "Strings.resx", "<root><data name=\"PasswordLabel\"><value>Password</value></data><data name=\"PasswordTooShort\"><value>The password must be at least 8 characters long.</value></data><data name=\"InvalidToken\"><value>Invalid token.</value></data></root>", false);
        yield return new("openapi", "openapi.json", """{ "components": { "schemas": { "Login": { "required": ["password"], "properties": { "password": { "type": "string", "format": "password", "minLength": 8 }, "token": { "type": "string", "nullable": true } } } } } }""", false);
        yield return new("readme", "README.md", "# Setup\nSet `ApiKey` in user secrets:\n```\ndotnet user-secrets set \"Service:ApiKey\" \"<your key>\"\nexport API_KEY=your-api-key\n```\nThe password is read from `DB_PASSWORD`.\n", false);
        yield return new("image", "logo.txt", $"data:image/png;base64,{Convert.ToBase64String(made.Bytes(900))}", false);
    }

    private static IEnumerable<LabelledCase> DocumentsHeldOut(Made made)
    {
        yield return new("compose", "docker-compose.yml", "services:\n  db:\n    image: postgres:16@sha256:" + made.Fill("{h64}") + "\n    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/db_password\n      POSTGRES_USER: app\n    secrets: [db_password]\n", false);
        yield return new("kubernetes", "deployment.yaml", "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      name: db-credentials-2024\n      key: password\n", false);
        yield return new("workflow", "build.yml", $"jobs:\n  build:\n    steps:\n      - uses: actions/checkout@{made.Fill("{h40}")}\n      - run: dotnet nuget push -k ${{{{ secrets.NUGET_API_KEY }}}}\n        env:\n          GITHUB_TOKEN: ${{{{ secrets.GITHUB_TOKEN }}}}\n", false);
        yield return new("javascript", "login.js", "const password = document.getElementById('password-input').value;\nconst token = localStorage.getItem('access_token_v2');\nfetch(`/api/login?key=${apiKey}`, { headers: { Authorization: `Bearer ${token}` } });\nif (!password) { errors.password = 'Please enter your password'; }\n", false);
        yield return new("tests", "LoginTests.cs", "Assert.Equal(expectedToken, actualToken);\nvar key = dictionary.Keys.First();\nforeach (var (key, value) in tokens) { }\nvar cacheKey = $\"user:{id}:token\";\nservices.AddAuthentication(JwtBearerDefaults.AuthenticationScheme);\n", false);
        yield return new("sql", "schema.sql", "CREATE TABLE Users (Id INT PRIMARY KEY, PasswordHash NVARCHAR(256) NOT NULL, SecurityStamp NVARCHAR(64), ApiKeyId INT FOREIGN KEY REFERENCES ApiKeys(Id));\n", false);
        yield return new("html", "login.html", "<input type=\"password\" name=\"password\" id=\"Password123\" placeholder=\"Password\" autocomplete=\"current-password\" /><input name=\"__RequestVerificationToken\" type=\"hidden\" />\n", false);
        yield return new("terraform", "main.tf", "variable \"db_password\" {\n  type = string\n  sensitive = true\n}\nresource \"db\" \"m\" {\n  password = var.db_password\n  secret_arn = aws_secretsmanager_secret.db.arn\n}\n", false);
        yield return new("assembly", "bindings.config", "<assemblyIdentity name=\"Newtonsoft.Json\" publicKeyToken=\"30ad4fe6b2a6aeed\" culture=\"neutral\" />\n", false);
        yield return new("insights", "appsettings.json", $$"""{ "ApplicationInsights": { "ConnectionString": "InstrumentationKey={{made.Uuid()}};IngestionEndpoint=https://westeurope-1.in.applicationinsights.azure.com/" }, "AzureAd": { "TenantId": "{{made.Uuid()}}", "ClientId": "{{made.Uuid()}}", "Instance": "https://login.microsoftonline.com/" } }""", false);
        yield return new("integrated", "appsettings.json", """{ "ConnectionStrings": { "Main": "Server=db;Database=shop;Integrated Security=true;TrustServerCertificate=True", "Emulator": "UseDevelopmentStorage=true" } }""", false);
        yield return new("map", "site.js.map", $$"""{"version":3,"sources":["a.ts"],"names":["token","password"],"mappings":"{{made.Fill("{w200}")}};{{made.Fill("{w200}")}}"}""", false);
        yield return new("localization", "en.json", """{ "login.password": "Password", "login.forgotPassword": "Forgot password?", "errors.invalidToken": "Your session has expired, please log in again", "settings.apiKey": "API key" }""", false);
        yield return new("deps", "App.deps.json", $$"""{ "libraries": { "A/1.0.0": { "type": "package", "serviceable": true, "sha512": "sha512-{{Convert.ToBase64String(made.Bytes(64))}}", "path": "a/1.0.0", "hashPath": "a.1.0.0.nupkg.sha512" } } }""", false);
    }
}
