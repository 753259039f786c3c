using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement.Corpus;

/// <summary>Secrets in the files where they leak: keys of services, chosen passwords, connection strings, private keys. Two halves that share no service, context or seed.</summary>
internal static class FieldSecrets
{
    private const string Pem = "PEM";

    /// <summary>Passwords and keys without a service, each in the notation of a tool.</summary>
    private static readonly (string Path, string Text)[] First =
    [
        ("appsettings.json", "{ \"Smtp\": { \"Host\": \"mail.contoso.com\", \"UserName\": \"shop\", \"Password\": \"{p}\" } }"),
        ("appsettings.Development.json", "{ \"ConnectionStrings\": { \"Shop\": \"Server=sql01;Database=Shop;User Id=sa;Password={p};TrustServerCertificate=True\" } }"),
        ("docker-compose.yml", "services:\n  db:\n    image: postgres:16\n    environment:\n      - POSTGRES_USER=shop\n      - POSTGRES_PASSWORD={p}\n"),
        ("docker-compose.override.yml", "services:\n  sql:\n    image: mcr.microsoft.com/mssql/server\n    environment:\n      ACCEPT_EULA: \"Y\"\n      MSSQL_SA_PASSWORD: \"{p}\"\n"),
        ("wp-config.php", "define( 'DB_USER', 'wp' );\ndefine( 'DB_PASSWORD', '{p}' );\ndefine( 'DB_HOST', 'localhost' );\n"),
        ("settings.py", "DATABASES = {\n    'default': {\n        'ENGINE': 'django.db.backends.postgresql',\n        'USER': 'shop',\n        'PASSWORD': '{p}',\n    }\n}\n"),
        ("settings_secret.py", "SECRET_KEY = 'django-insecure-{d50}'\n"),
        ("context.xml", "<Resource name=\"jdbc/shop\" username=\"shop\" password=\"{p}\" url=\"jdbc:mysql://db:3306/shop\"/>\n"),
        ("hibernate.cfg.xml", "<property name=\"hibernate.connection.password\">{p}</property>\n"),
        ("backup.sh", "PGPASSWORD='{p}' pg_dump -h db -U shop shop > shop.sql\n"),
        ("import.sh", "mysql -h db -u shop -p{w12} shop < dump.sql\n"),
        ("mail.txt", "Hi Tom,\n\nthe password for the VPN is {p} and the user is tom.\n\nBye\n"),
        ("wiki.md", "| system | user | password |\n|---|---|---|\n| grafana | admin | {p} |\n"),
        ("users.csv", "id,email,password,active\n1,dana@contoso.com,{p},true\n"),
        ("Deploy.ps1", "$pw = ConvertTo-SecureString '{p}' -AsPlainText -Force\n$cred = New-Object System.Management.Automation.PSCredential('svc', $pw)\n"),
        ("Mailer.cs", "client.Credentials = new NetworkCredential(\"shop@contoso.com\", \"{p}\");\n"),
        ("Repository.cs", "var connection = new NpgsqlConnection(\"Host=pg;Username=shop;Password={p};Database=shop\");\n"),
        ("Cache.java", "JedisShardInfo info = new JedisShardInfo(\"redis\", 6379);\ninfo.setPassword(\"{p}\");\n"),
        ("db.js", "const sequelize = new Sequelize('shop', 'root', '{w14}', { dialect: 'mysql' });\n"),
        ("celery.py", "BROKER_URL = 'amqp://shop:{w16}@mq.contoso.com:5672//'\n"),
        ("sms.py", "client = Client(\"AC{h32}\", \"{h32}\")  # twilio\n"),
        ("Sms.cs", "TwilioClient.Init(\"AC{h32}\", \"{h32}\");\n"),
        ("aws.py", "s3 = boto3.client('s3', aws_access_key_id='AKIA{216}', aws_secret_access_key='{b40}')\n"),
        ("main.tf", "provider \"aws\" {\n  access_key = \"AKIA{216}\"\n  secret_key = \"{b40}\"\n}\n"),
        ("vm.tf", "resource \"azurerm_linux_virtual_machine\" \"vm\" {\n  admin_username = \"ops\"\n  admin_password = \"{p}\"\n}\n"),
        ("values.yaml", "postgresql:\n  auth:\n    username: shop\n    password: {p}\n"),
        ("secret.yaml", "apiVersion: v1\nkind: Secret\ndata:\n  username: c2hvcA==\n  password: {pb64}\n"),
        ("tls.yaml", "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\ndata:\n  tls.key: {PEMb64}\n"),
        ("config.yaml", "server:\n  key: |\n    {PEMindent}\n"),
        ("sa.json", "{ \"type\": \"service_account\", \"private_key_id\": \"{h40}\", \"private_key\": \"{PEMjson}\" }"),
        ("Signer.cs", "private const string Key = @\"{PEM}\";\n"),
        ("id_ed25519.bak", "{PEM}"),
        ("wg0.conf", "[Interface]\nPrivateKey = {b43}=\nAddress = 10.0.0.2/32\n"),
        ("jwt.json", "{ \"JwtSettings\": { \"Issuer\": \"shop\", \"Secret\": \"this is the very long signing phrase of the shop\" } }"),
        (".npmrc", "registry=https://npm.contoso.com/\n//npm.contoso.com/:_authToken={w40}\n"),
        ("nuget.config", "<configuration><packageSourceCredentials><contoso><add key=\"Username\" value=\"ci\" /><add key=\"ClearTextPassword\" value=\"{o52}\" /></contoso></packageSourceCredentials></configuration>"),
        ("clone.sh", "git clone https://ci:{w30}@git.contoso.com/shop/api.git\n"),
        ("kubeconfig", "users:\n- name: ci\n  user:\n    token: {jwt}\n"),
        ("session.log", "GET /api/orders 200\nCookie: session={jwt}\n"),
        ("encoded.yml", "config: {envb64}\n"),
    ];

    private static readonly (string Path, string Text)[] Second =
    [
        ("appsettings.Staging.json", "{\n  \"RabbitMq\": {\n    \"HostName\": \"mq\",\n    \"UserName\": \"shop\",\n    \"Password\": \"{p}\"\n  }\n}\n"),
        ("connectionStrings.config", "<connectionStrings>\n  <add name=\"Shop\" connectionString=\"Data Source=sql01;Initial Catalog=Shop;User ID=shop;Password={w14}\" providerName=\"System.Data.SqlClient\" />\n</connectionStrings>\n"),
        ("stack.yml", "services:\n  mysql:\n    environment:\n      MYSQL_ROOT_PASSWORD: {p}\n      MYSQL_DATABASE: shop\n"),
        (".env", "APP_ENV=prod\nDB_HOST=db\nDB_USERNAME=shop\nDB_PASSWORD={p}\nAPP_KEY=base64:{b43}=\n"),
        ("database.yml", "production:\n  adapter: postgresql\n  username: shop\n  password: {p}\n  host: db\n"),
        ("secrets.yml", "production:\n  secret_key_base: {h128}\n"),
        ("persistence.xml", "<property name=\"javax.persistence.jdbc.password\" value=\"{p}\"/>\n"),
        ("settings.gradle", "credentials {\n    username = \"ci\"\n    password = \"{p}\"\n}\n"),
        ("settings.xml", "<servers><server><id>nexus</id><username>ci</username><password>{p}</password></server></servers>\n"),
        ("restore.bat", "sqlcmd -S sql01 -U sa -P {w12}! -i restore.sql\n"),
        ("push.sh", "echo '{p}' | docker login -u ci --password-stdin registry.contoso.com\n"),
        ("login.sh", "az login --service-principal -u {g} -p {u3}8Q~{u34} --tenant {g}\n"),
        ("ticket.txt", "Reset done. New password: {p}\nPlease change it after the first login.\n"),
        ("notes.md", "- ftp: ftp.contoso.com\n- login: web01\n- pass: {p}\n"),
        ("hosts.csv", "host;user;password\nweb01;admin;{p}\nweb02;admin;{p}\n"),
        ("Ldap.cs", "ldap.Bind(new NetworkCredential(\"cn=svc,dc=contoso,dc=com\", \"{p}\"));\n"),
        ("Program.cs", "builder.Services.AddDbContext<Shop>(o => o.UseSqlServer(\"Server=sql01;Database=Shop;User=shop;Password={w16};\"));\n"),
        ("Store.java", "KeyStore ks = KeyStore.getInstance(\"JKS\");\nks.load(in, \"{w10}!7\".toCharArray());\nString keyPassword = \"{p}\";\n"),
        ("mongo.js", "mongoose.connect('mongodb+srv://shop:{w16}@cluster0.x1y2z.mongodb.net/shop');\n"),
        ("redis.cs", "var redis = ConnectionMultiplexer.Connect(\"cache.contoso.com:6380,password={w32},ssl=True\");\n"),
        ("bot.py", "client.run('MT{w22}.{u6}.{u38}')\n"),
        ("bot.js", "const bot = new TelegramBot('{d10}:AA{u33}', { polling: true });\n"),
        ("credentials", "[prod]\naws_access_key_id=ASIA{216}\naws_secret_access_key={b40}\n"),
        ("upload.cs", "var s3 = new AmazonS3Client(\"AKIA{216}\", \"{b40}\", RegionEndpoint.EUWest1);\n"),
        ("terraform.tfvars", "db_username = \"shop\"\ndb_password = \"{p}\"\n"),
        ("terraform.tfstate", "{ \"resources\": [ { \"instances\": [ { \"attributes\": { \"username\": \"shop\", \"password\": \"{w20}\" } } ] } ] }"),
        ("cm.yaml", "kind: ConfigMap\ndata:\n  application.properties: |\n    spring.datasource.username=shop\n    spring.datasource.password={w14}\n"),
        ("sealed.txt", "export TLS_KEY_B64={PEMb64}\n"),
        ("deploy.yml", "env:\n  SSH_KEY: |\n    {PEMindent}\n"),
        ("jwk.json", "{ \"kty\": \"EC\", \"crv\": \"P-256\", \"x\": \"{u43}\", \"y\": \"{u43}\", \"d\": \"{u43}\" }"),
        ("gcp.env", "GOOGLE_CREDENTIALS='{\"type\":\"service_account\",\"private_key\":\"{PEMjson}\"}'\n"),
        ("server.pem", "{PEM}"),
        ("blob.txt", "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={b86}==;EndpointSuffix=core.windows.net\n"),
        ("bus.json", "{ \"Values\": { \"ServiceBus\": \"Endpoint=sb://shop.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey={b43}=\" } }"),
        ("share.html", "<a href=\"https://shop.blob.core.windows.net/f/a.zip?sp=r&amp;st=2026-01-01T00:00:00Z&amp;se=2027-01-01T00:00:00Z&amp;sv=2023-11-03&amp;sr=b&amp;sig={b42}%3D\">zip</a>\n"),
        ("func.http", "POST https://shop.azurewebsites.net/api/orders?code={u44}AzFu{u5}A== HTTP/1.1\n"),
        (".pypirc", "[pypi]\nusername = ci\npassword = {w24}\n"),
        ("netrc", "machine api.contoso.com\nlogin ci\npassword {w20}\n"),
        ("curl.txt", "curl -u admin:{w14} https://jenkins.contoso.com/job/a/build\n"),
        ("trace.log", "--> POST /token grant_type=password&username=dana&password={w14}&client_id=web\n"),
    ];

    /// <summary>Every case of one half.</summary>
    public static IEnumerable<LabelledCase> Build(int seed, bool second)
    {
        var made = new Made(seed);
        var contexts = second ? FieldContexts.Second : FieldContexts.First;
        var services = FieldServices.All.Where((_, i) => i % 2 == (second ? 1 : 0)).ToArray();
        for (var i = 0; i < services.Length; i++)
        {
            for (var turn = 0; turn < 5; turn++)
            {
                var number = (i * 5) + turn;
                var (path, text) = contexts[number % contexts.Length];
                var value = Checked(made.Fill(services[i].Form));
                yield return new($"{services[i].Name} {path}", FieldContexts.PathOf(path, services[i].Name, number), FieldContexts.Write(text, services[i], value), true) { Secret = value };
            }
        }

        var n = 0;
        foreach (var (path, text) in second ? Second : First)
        {
            for (var turn = 0; turn < 5; turn++)
            {
                yield return new($"tool {path}", turn % 3 == 1 ? $"files/{n++}" : path, Fill(made, text), true);
            }
        }
    }

    /// <summary>Every service in contexts that were written last.</summary>
    public static IEnumerable<LabelledCase> BuildThird(int seed)
    {
        var made = new Made(seed);
        for (var number = 0; number < FieldServices.All.Length * 2; number++)
        {
            var service = FieldServices.All[number / 2];
            var (path, text) = FieldContexts.Third[number % FieldContexts.Third.Length];
            var value = Checked(made.Fill(service.Form));
            yield return new($"{service.Name} {path}", FieldContexts.PathOf(path, service.Name, number / 3), FieldContexts.Write(text, service, value), true) { Secret = value };
        }
    }

    private static string Fill(Made made, string text)
    {
        if (text.Contains(Pem, StringComparison.Ordinal))
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var rsa = RSA.Create(2048);
            var pem = made.Pick(key.ExportECPrivateKeyPem(), key.ExportPkcs8PrivateKeyPem(), rsa.ExportPkcs8PrivateKeyPem(), rsa.ExportRSAPrivateKeyPem());
            text = text.Replace("{PEMb64}", Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)), StringComparison.Ordinal).Replace("{PEMjson}", pem.Replace("\n", "\\n", StringComparison.Ordinal), StringComparison.Ordinal)
                .Replace("{PEMindent}", pem.Replace("\n", "\n    ", StringComparison.Ordinal), StringComparison.Ordinal).Replace("{PEM}", pem, StringComparison.Ordinal);
        }

        var password = made.Password();
        text = text.Replace("{p}", password, StringComparison.Ordinal).Replace("{pb64}", Convert.ToBase64String(Encoding.ASCII.GetBytes(password)), StringComparison.Ordinal)
            .Replace("{envb64}", Convert.ToBase64String(Encoding.ASCII.GetBytes($"HOST=db\nDB_PASSWORD={password}\nPORT=5432\n")), StringComparison.Ordinal).Replace("{d50}", made.Fill("{a50}"), StringComparison.Ordinal)
            .Replace("{jwt}", $"eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.{Convert.ToBase64String(Encoding.ASCII.GetBytes($"{{\"sub\":\"{made.Fill("{d12}")}\",\"aud\":\"ci\"}}")).TrimEnd('=')}.{made.Fill("{u86}")}", StringComparison.Ordinal);
        return FillForms(made, text);
    }

    /// <summary>Only what is a form is filled: braces of the file stay.</summary>
    private static string FillForms(Made made, string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"\{(?:[whduobAal2]\d+|g)\}", form => made.Fill(form.Value));

    private static string Checked(string token)
    {
        var prefix = token.StartsWith("npm_", StringComparison.Ordinal) ? "npm_" : token.StartsWith("ghp_", StringComparison.Ordinal) ? "ghp_" : "";
        return prefix.Length == 0 ? token : token + Crc32Tokens.Digits(Encoding.ASCII.GetBytes(token[4..]));
    }
}
