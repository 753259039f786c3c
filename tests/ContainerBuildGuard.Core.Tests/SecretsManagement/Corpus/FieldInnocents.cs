using System.Text.RegularExpressions;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>Files without a secret that tempt: the same contexts with placeholders and references, identifiers beside the names of services, and documents full of random text.</summary>
internal static class FieldInnocents
{
    private static readonly string[] PlaceholdersFirst =
    [
        "<your-api-key>", "YOUR_API_KEY", "your_token_here", "xxxxxxxxxxxxxxxxxxxxxxxx", "changeme", "${API_KEY}", "{{ api_key }}", "$(ApiKey)", "%API_KEY%", "process.env.API_KEY", "#{ApiKey}#", "[INSERT KEY]", "REDACTED", "********************", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx", "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "00000000000000000000000000000000", "1234567890abcdef1234567890abcdef", "TODO", "example-token", "@Microsoft.KeyVault(SecretUri=https://kv.vault.azure.net/secrets/a)", "!vault", "ENC[AES256_GCM,data:Tr7o1Yx3k0o=,iv:1vn3CkQm7q2P1m8Jm0F0yJ0yXo2k3v1aG1cJmB1l5xk=,tag:k5n1mJ2cQ9eC3n8v2c1b0A==,type:str]", "AKIAIOSFODNN7EXAMPLE",
    ];

    private static readonly string[] PlaceholdersSecond =
    [
        "INSERT_TOKEN_HERE", "<token>", "my-secret-key", "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "put_your_key_here", "$SERVICE_TOKEN", "${{ secrets.SERVICE_TOKEN }}", "{SERVICE_TOKEN}", "__API_KEY__", "ref+vault://secret/app#key", "(unset)", "none", "n/a", "not-configured", "test", "fake-key-for-tests", "SG.xxxxxxxxxxxxxxxxxxxxxx.xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "xoxb-0000000000-0000000000-XXXXXXXXXXXX", "deadbeefdeadbeefdeadbeefdeadbeef", "abcdefghijklmnopqrstuvwxyz012345", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:app-AbCdEf", "keyvault://shop/api-key", "op://prod/api/key", "/run/secrets/api_key",
    ];

    private static readonly string[] IdentifiersFirst = ["client id", "request id", "commit", "content hash", "public key", "webhook url", "key version", "token endpoint", "account name", "region"];
    private static readonly string[] IdentifiersSecond = ["tenant id", "trace id", "revision", "image digest", "publishable key", "callback url", "key name", "token type", "project id", "etag"];

    private static readonly (string Path, string Text)[] DocumentsFirst =
    [
        ("yarn.lock", "left-pad@^1.3.0:\n  version \"1.3.0\"\n  resolved \"https://registry.yarnpkg.com/left-pad/-/left-pad-1.3.0.tgz#{h40}\"\n  integrity sha512-{b86}==\n"), ("SHA256SUMS", "{h64}  app-1.0.tar.gz\n{h64}  app-1.1.tar.gz\n"), ("files/sums.txt", "{h32} *setup.exe\n{h40} *setup.msi\n"),
        ("sealed.yaml", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: db\nspec:\n  encryptedData:\n    password: Ag{b398}\n    api-key: Ag{b398}\n"), ("vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n{h80}\n{h80}\n{h80}\n"), ("group_vars/all.yml", "db_password: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  {h80}\n  {h80}\n"),
        ("secrets.enc.yaml", "db_password: ENC[AES256_GCM,data:{b24}==,iv:{b43}=,tag:{b22}==,type:str]\nsops:\n  kms: []\n  mac: ENC[AES256_GCM,data:{b86}==,iv:{b43}=,tag:{b22}==,type:str]\n"), ("application.yml", "spring:\n  datasource:\n    password: ENC({b43}=)\n"), ("config.yml", "password: \"{cipher}{h64}\"\n"),
        ("web.config", "<connectionStrings configProtectionProvider=\"DataProtectionConfigurationProvider\"><EncryptedData><CipherData><CipherValue>{b120}</CipherValue></CipherData></EncryptedData></connectionStrings>"), ("ring.xml", "<encryptedSecret decryptorType=\"x\"><value>{b120}</value></encryptedSecret>"),
        ("authorized_keys", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ{b300} dana@contoso\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b43} tom@contoso\n"), ("cert.pem", "-----BEGIN CERTIFICATE-----\nMIID{b60}\n{b64}\n{b64}\n-----END CERTIFICATE-----\n"), ("key.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQIN{b60}\n{b64}\n-----END PGP PUBLIC KEY BLOCK-----\n"),
        ("Strings.de.resx", "<root><data name=\"Password\"><value>Kennwort</value></data><data name=\"PasswordMismatch\"><value>Die Kennwörter stimmen nicht überein.</value></data><data name=\"ApiKeyLabel\"><value>API-Schlüssel</value></data></root>"), ("fr.json", "{ \"password\": \"Mot de passe\", \"token\": \"Jeton d'accès\", \"apiKey\": \"Clé API\", \"password_confirm\": \"Confirmez le mot de passe\" }"),
        ("Login.razor", "<InputText id=\"password\" type=\"password\" @bind-Value=\"Input.Password\" autocomplete=\"new-password\" class=\"form-control\" />\n<ValidationMessage For=\"() => Input.Password\" />\n"), ("AuthTests.cs", "[Fact]\npublic void Rejects_short_password()\n{\n    var result = _validator.Validate(new LoginRequest { UserName = \"dana\", Password = \"short\" });\n    Assert.False(result.IsValid);\n}\n"),
        ("HashTests.cs", "[InlineData(\"abc\", \"{h64}\")]\n[InlineData(\"\", \"{h64}\")]\npublic void Sha256_of(string input, string expected) => Assert.Equal(expected, Hash(input));\n"), ("app.min.js", "!function(e,t){var n=e.token||t.key,r=n.password;function i(e){return e&&e.secret?e.secret:t.apiKey}e.auth=i(n),e.keyCode=13,e.tokenType=\"bearer\"}(window,{});\n"), ("bundle.js", "var a={key:\"ArrowDown\",code:\"KeyA\",token:function(e){return e.token}},b=a.key===\"Enter\"&&c.password.length>8;\n"),
        ("deployment.yaml", "containers:\n- name: api\n  image: shop/api@sha256:{h64}\n  env:\n  - name: API_KEY\n    valueFrom:\n      secretKeyRef: { name: api, key: api-key }\n"), ("compose.yml", "services:\n  api:\n    environment:\n      API_KEY_FILE: /run/secrets/api_key\n      DB_PASSWORD: ${DB_PASSWORD:?set it}\n"), ("main.bicep", "@secure()\nparam adminPassword string\nresource kv 'Microsoft.KeyVault/vaults@2023-07-01' existing = { name: 'kv-shop' }\noutput id string = kv.id\n"),
        ("icon.svg", "<svg><image href=\"data:image/png;base64,{b400}\"/></svg>"), ("font.css", "@font-face{font-family:x;src:url(data:font/woff2;base64,{b600})}"), ("ids.json", "{ \"id\": \"{g}\", \"correlationId\": \"{g}\", \"etag\": \"\\\"{h32}\\\"\", \"sha\": \"{h40}\", \"nextLink\": \"/items?skiptoken={g}\" }"), ("events.log", "req={g} trace={h32} span={h16} GET /login 200 12ms\nreq={g} trace={h32} span={h16} token validated for user dana\n"),
        ("schema.graphql", "type Mutation {\n  login(email: String!, password: String!): AuthPayload!\n  refresh(token: String!): AuthPayload!\n}\n"), ("swagger.yaml", "components:\n  securitySchemes:\n    ApiKeyAuth:\n      type: apiKey\n      in: header\n      name: X-API-Key\n"), ("policy.md", "# Passwords\n\nA password has at least 12 characters. The token expires after 3600 seconds. Never commit your API key.\n"), ("v.sql", "ALTER TABLE users ADD COLUMN password_hash varchar(128) NOT NULL;\nCREATE INDEX ix_users_token ON users (reset_token);\nUPDATE users SET password = @password WHERE id = @id;\n"),
        ("Cargo.toml", "[dependencies]\nsecrecy = \"0.8\"\ntoken-parser = { git = \"https://github.com/contoso/token-parser\", rev = \"{h40}\" }\n"), ("go.sum", "github.com/contoso/token v1.2.3 h1:{b43}=\ngithub.com/contoso/token v1.2.3/go.mod h1:{b43}=\n"), ("jwks.json", "{ \"keys\": [ { \"kty\": \"RSA\", \"use\": \"sig\", \"kid\": \"{h40}\", \"n\": \"{u342}\", \"e\": \"AQAB\" } ] }"), ("shadow.txt", "Users without a login: daemon:*:19000:0:99999:7:::\n"),
    ];

    private static readonly (string Path, string Text)[] DocumentsSecond =
    [
        ("pnpm-lock.yaml", "packages:\n  /chalk@5.3.0:\n    resolution: {integrity: sha512-{b86}==}\n    engines: {node: '>=12'}\n"), ("checksums.md", "| file | sha256 |\n|---|---|\n| app.zip | {h64} |\n"), ("release.json", "{ \"assets\": [ { \"name\": \"app.zip\", \"sha512\": \"{b86}==\", \"blockMapSize\": 1234 } ] }"), ("latest.yml", "version: 1.2.3\nfiles:\n  - url: app.exe\n    sha512: {b86}==\n    size: 81234567\n"),
        ("external.yaml", "apiVersion: external-secrets.io/v1beta1\nkind: ExternalSecret\nspec:\n  data:\n  - secretKey: password\n    remoteRef:\n      key: shop/db\n      property: password\n"), ("prod.env.age", "-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3Yx{b36}\n{b64}\n-----END AGE ENCRYPTED FILE-----\n"), ("msg.asc", "-----BEGIN PGP MESSAGE-----\n\n{b64}\n{b64}\n-----END PGP MESSAGE-----\n"), ("hiera.yaml", "db::password: ENC[PKCS7,{b300}]\n"),
        ("csr.pem", "-----BEGIN CERTIFICATE REQUEST-----\n{b64}\n{b64}\n-----END CERTIFICATE REQUEST-----\n"), ("known_hosts", "git.contoso.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{b43}\n|1|{b27}=|{b27}= ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABB{b88}=\n"), ("signers.cs", "[assembly: InternalsVisibleTo(\"Shop.Tests, PublicKey=0024000004800000940000000602000000240000525341310004000001000100{h254}\")]\n"), ("packages.config", "<package id=\"Shop.Tokens\" version=\"1.2.3\" targetFramework=\"net48\" />\n"),
        ("es.po", "msgid \"Password\"\nmsgstr \"Contraseña\"\n\nmsgid \"Enter your API key\"\nmsgstr \"Introduzca su clave de API\"\n"), ("Localizable.strings", "\"password.title\" = \"Password\";\n\"password.hint\" = \"At least 8 characters, 1 digit\";\n\"token.expired\" = \"Your session has expired.\";\n"), ("form.tsx", "<Input label=\"Password\" name=\"password\" type={showPassword ? 'text' : 'password'} error={errors.password?.message} />\n"), ("reducer.ts", "case 'SET_TOKEN':\n  return { ...state, token: action.payload.token, apiKey: action.payload.apiKey };\n"),
        ("Options.cs", "public sealed class AuthOptions\n{\n    public required string ClientSecret { get; init; }\n    public string? ApiKey { get; set; }\n    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromMinutes(5);\n}\n"), ("Startup.cs", "options.ClientSecret = configuration[\"Auth:ClientSecret\"]!;\nvar key = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(settings.JwtKey));\nvar password = Environment.GetEnvironmentVariable(\"DB_PASSWORD\") ?? throw new InvalidOperationException(\"no DB_PASSWORD\");\n"), ("views.py", "password = request.POST.get('password')\ntoken = hashlib.sha256(f'{user.id}:{salt}'.encode()).hexdigest()\nif not check_password_hash(user.password, password):\n    abort(401)\n"),
        ("ci.yml", "- uses: docker/login-action@{h40}\n  with:\n    username: ${{ secrets.DOCKER_USER }}\n    password: ${{ secrets.DOCKER_TOKEN }}\n"), ("pipeline.yml", "variables:\n- group: shop-secrets\nsteps:\n- script: deploy --token $(DeployToken)\n  env:\n    SYSTEM_ACCESSTOKEN: $(System.AccessToken)\n"), ("rds.tf", "resource \"random_password\" \"db\" {\n  length = 24\n}\nresource \"aws_db_instance\" \"db\" {\n  password = random_password.db.result\n  kms_key_id = aws_kms_key.db.arn\n}\n"), ("params.json", "{ \"adminPassword\": { \"reference\": { \"keyVault\": { \"id\": \"/subscriptions/{g}/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv\" }, \"secretName\": \"adminPassword\" } } }"),
        ("sprite.html", "<img alt=\"logo\" src=\"data:image/jpeg;base64,/9j/{b500}\">"), ("test.ipynb", "{ \"cells\": [ { \"outputs\": [ { \"data\": { \"image/png\": \"iVBORw0KGgo{b500}\" } } ] } ] }"), ("trace.json", "{ \"traceparent\": \"00-{h32}-{h16}-01\", \"operation_Id\": \"{h32}\", \"sessionId\": \"{g}\" }"), ("access.log", "10.0.0.1 - - [01/Feb/2026] \"GET /reset?step=2 HTTP/1.1\" 200 {d4}\n10.0.0.1 - - [01/Feb/2026] \"GET /assets/app.{h20}.js HTTP/1.1\" 200 {d5}\n"),
        ("auth.proto", "message LoginRequest {\n  string user = 1;\n  string password = 2;\n}\nmessage LoginReply {\n  string access_token = 1;\n  int64 expires_in = 2;\n}\n"), ("openapi.yaml", "paths:\n  /token:\n    post:\n      requestBody:\n        content:\n          application/json:\n            example: { username: dana, password: string }\n"), ("FAQ.md", "**I lost my password.** Use the link on the login page. **Where is my API key?** Under *Settings > Keys*; it looks like `shop_live_…`.\n"), ("tables.sql", "CREATE TABLE tokens (id uuid PRIMARY KEY, token_hash bytea NOT NULL, expires_at timestamptz);\nINSERT INTO roles VALUES ('{g}', 'key-user');\n"),
        ("Gemfile.lock", "GIT\n  remote: https://github.com/contoso/token.git\n  revision: {h40}\n  specs:\n    token (1.0)\n"), ("manifest.json", "{ \"routes\": { \"app.js\": \"/static/app.{h20}.js\" }, \"key\": \"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{b340}\" }"), ("dkim.txt", "mail._domainkey IN TXT \"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC{b170}\"\n"), ("keys.css", ".token.keyword{color:#{h6}}.token.password{color:#{h6}}kbd.key{border:1px solid #{h6}}\n"),
    ];

    public static IEnumerable<LabelledCase> Build(int seed, bool second) =>
        Build(new Made(seed), second, second ? FieldContexts.Second : FieldContexts.First, [.. FieldServices.All.Where((_, i) => i % 2 == (second ? 1 : 0))]);

    /// <summary>All placeholders and identifiers in contexts that were written last.</summary>
    public static IEnumerable<LabelledCase> BuildThird(int seed) =>
        ((bool[])[false, true]).SelectMany(second => Build(new Made(seed), second, FieldContexts.Third, FieldServices.All)).Where((c, i) => i % 3 == 0 && !c.Family.StartsWith("document", StringComparison.Ordinal));

    private static IEnumerable<LabelledCase> Build(Made made, bool second, (string Path, string Text)[] contexts, (string Name, string Label, string Form)[] services)
    {
        var n = 0;
        foreach (var placeholder in second ? PlaceholdersSecond : PlaceholdersFirst)
        {
            for (var turn = 0; turn < 13; turn++)
            {
                yield return Case(placeholder, services[n % services.Length], placeholder);
            }
        }

        // Where the file does not say what the value is, nobody can tell an identifier from a key.
        contexts = [.. contexts.Where(c => c.Text.Contains("{P}", StringComparison.Ordinal) || c.Text.Contains("{n}", StringComparison.Ordinal) || c.Text.Contains("{N}", StringComparison.Ordinal) || c.Text.Contains("{c}", StringComparison.Ordinal) || c.Text.Contains("{k}", StringComparison.Ordinal) || c.Text.Contains("{K}", StringComparison.Ordinal) || c.Text.Contains("{w}", StringComparison.Ordinal))];
        foreach (var identifier in second ? IdentifiersSecond : IdentifiersFirst)
        {
            for (var turn = 0; turn < 13; turn++)
            {
                var value = identifier switch
                {
                    _ when identifier.EndsWith("url", StringComparison.Ordinal) || identifier.EndsWith("endpoint", StringComparison.Ordinal) => "https://shop.contoso.com/oauth/callback",
                    _ when identifier.EndsWith("name", StringComparison.Ordinal) || identifier is "region" or "project id" => "shop-prod-westeurope-01",
                    "token type" or "key version" => "bearer-v2",
                    _ => made.Fill(made.Pick("{h32}", "{g}", "{h40}", "{h64}")),
                };
                yield return Case(identifier, services[n % services.Length] with { Label = identifier }, value);
            }
        }

        foreach (var (path, text) in second ? DocumentsSecond : DocumentsFirst)
        {
            for (var turn = 0; turn < 4; turn++)
            {
                var content = Regex.Replace(text, @"\{(?:[whduobAal2]\d+|g)\}", form => made.Fill(form.Value));
                yield return new($"document {path}", turn == 1 ? $"files/{n++}.txt" : path, content, false);
            }
        }

        LabelledCase Case(string family, (string Name, string Label, string Form) service, string value)
        {
            var (path, text) = contexts[n++ % contexts.Length];
            return new($"{family} {path}", FieldContexts.PathOf(path, service.Name, n / contexts.Length), FieldContexts.Write(text, service, value), false);
        }
    }
}
