using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Logins in URLs, headers and the files of tools; web tokens.</summary>
internal static class CredentialDetectors
{
    private static readonly DetectorFamily Web = new(SecretsRules.WebCredential);
    private static readonly DetectorFamily File = new(SecretsRules.CredentialFile);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Web.Custom("url-login", "login in a URL", UrlMatchers.UserInfo, SecretScope.App, true, [.. "abcdefghijklmnopqrstuvwxyz0123456789+".Select(c => $"{c}://")]),
        Web.Token("json-web-token", "JSON Web Token", @"<eyJ[A-Za-z0-9]|eyAi|ewog>\u{9,}.\u{10,}.\u{16,}", JsonWebToken.Check, entropy: 3.5, scope: SecretScope.App),
        Web.Custom("command-line-login", "login on a command line", CommandLines.Match, SecretScope.AppText, false, [.. CommandLines.Commands]),

        Web.Custom("piped-password", "password on a command line", CredentialMatchers.PipedPassword, SecretScope.AppText, false, "--password-stdin", "sudo -S"),
        Web.Custom("secure-string", "password in a script", CredentialMatchers.SecureString, SecretScope.AppText, true, "ConvertTo-SecureString "),
        Web.Custom("network-credential", "login in code", CredentialMatchers.Credential, SecretScope.AppText, false, "Credential(", "Credentials("),
        Web.Custom("database-login", "login in code", CallMatchers.DatabaseLogin, SecretScope.AppText, false, "Sequelize(", "mysqli(", "mysqli_connect(", "getConnection(", "new PDO(", "psycopg2.connect(", "mysql.createConnection(", "MySQLdb.connect(", "pymysql.connect(", "pymssql.connect(", "mysql_connect(", "mysql_real_connect(", "pg_connect(", "cx_Oracle.connect(", "oracledb.connect(", "pyodbc.connect(", "forURL(", "FTP(", "FTP_TLS(", "SftpClient(", "SshClient(", "FtpClient(", "PasswordAuthenticationMethod(", "DBI->connect(", "Credentials("),
        Web.Custom("login-call", "login in code", LoginCalls.SecondArgument, SecretScope.AppText, false, ".login(", ".Login(", ".basic_auth(", "BasicAuthentication(", "LoginAsync(", "PasswordSignInAsync(", "basicAuth(", "BasicAuth(", "SetBasicAuth(", "X509Certificate2(", "LoadPkcs12FromFile(", "CreateAsync(", "Authenticate(", "AuthenticateAsync(", "createUserWithEmailAndPassword(", "signInWithEmailAndPassword(", "HTTPBasicAuth(", "BasicAuthenticator(", "auth=(", "auth = (", "sp_addlogin "),
        Web.Custom("login-function", "login in code", LoginCalls.InCall, SecretScope.AppText, false, "PlainAuth(", "PasswordAuthentication(", " login(", "=login(", "\tlogin(", "loginAs(", "LoginAs(", "login_as(", "signIn(", "sign_in(", "SignIn(", "authenticate(", "authenticate_user(", "createUser(", "create_user(", "CreateUser(", "AddUser(", "addUser(", "add_user(", "withBasicAuth(", "with_basic_auth(", "WithCredentials(", "UserPrincipal(", "LoginDto(", "LoginRequest(", "LoginModel(", "LoginCommand(", "RegisterRequest(", "RegisterCommand(", "sp_addlinkedsrvlogin "),
        Web.Custom("signing-key", "key in code", LoginCalls.SigningKey, SecretScope.AppText, false, "SymmetricSecurityKey(", "HMACSHA256(", "HMACSHA384(", "HMACSHA512("),
        Web.Custom("seed-phrase", "seed phrase of a wallet", WalletMatchers.SeedPhrase, SecretScope.AppText, true, "mnemonic", "seed_phrase", "seedphrase", "seed phrase", "recovery_phrase", "recovery phrase", "recoveryphrase"),
        Web.Custom("wallet-account-key", "private key of a wallet", WalletMatchers.AccountKey, SecretScope.AppText, false, "accounts: [", "accounts:[", "accounts\": [", "accounts\":[", "accounts = ["),
        Web.Custom("key-in-call", "key or password in code", LoginCalls.FirstArgument, SecretScope.AppText, false, "HMAC256(", "HMAC384(", "HMAC512(", "Wallet(", "Fernet(", "Fernet(b", "cookieParser(", ".auth(", ":auth("),
        Web.Custom("encoded-login", "login that is encoded in code", LoginCalls.EncodedLogin, SecretScope.AppText, false, "btoa(", "ToBase64String(", "b64encode(", "Buffer.from(", "EncodeToString("),
        Web.Custom("listed-login", "login in a list of arguments", LoginCalls.ListedArgument, SecretScope.AppText, false, "'-p', '", "\"-p\", \"", "'--password', '", "\"--password\", \""),
        Web.Custom("cloud-init-login", "login in a cloud-init file", LoginCalls.PasswordList, SecretScope.AppText, false, "chpasswd:"),
        Web.Custom("installer-password", "password for an installer", LoginCalls.Preseed, SecretScope.AppText, false, "-password password ", "--plaintext "),
        Web.Custom("key-store-password", "password of a key store in code", LoginCalls.CharArray, SecretScope.AppText, false, "\".toCharArray("),
        Web.Custom("go-data-source-name", "login in a data source name", LoginCalls.DataSourceName, SecretScope.App, false, "@tcp(", "@unix("),
        Web.Custom("sqlplus-login", "login on a command line", LoginCalls.SqlPlus, SecretScope.AppText, false, "sqlplus ", "sqlldr ", "expdp ", "impdp "),
        Web.Custom("chpasswd-login", "login on a command line", LoginCalls.ChangePassword, SecretScope.AppText, false, "chpasswd"),
        File.Custom("terraform-generated-password", "generated password in a Terraform state", LoginCalls.GeneratedPassword, SecretScope.AppText, false, "\"random_password\""),
        Web.Custom("client-key", "key of a service in code", CallMatchers.ClientKey, SecretScope.AppText, false, [.. Calls("Client", "client", "Api", "API", "Sdk", "SDK", "Service", "AuthHandler", "OAuth1Session"), "new(\"https", "')('", "\")(\""]),
        Web.Custom("twilio-login", "Twilio auth token", CallMatchers.Twilio, SecretScope.AppText, false, [.. "\"'".SelectMany(quote => "0123456789abcdef".Select(digit => $"{quote}AC{digit}"))]),
        Web.Custom("discord-bot-token", "Discord bot token", CallMatchers.Discord, SecretScope.AppText, false, ".run('", ".run(\"", ".login('", ".login(\"", "LoginAsync(", "Bot M", "Bot N", "Bot O"),
        Web.Custom("authorization-in-code", "credential of an HTTP header in code", CredentialMatchers.HeaderValue, SecretScope.AppText, false, "HeaderValue(\"Basic\", ", "HeaderValue(\"Bearer\", ", "jwt.sign(", "jwt.verify(", "jwt.encode(", "signWith("),
        File.Custom("nuget-password", "clear-text password in nuget.config", CredentialMatchers.NuGetPassword, SecretScope.App, true, "cleartextpassword\""),
        File.Custom("npmrc-login", "login in .npmrc", CredentialMatchers.Npmrc, SecretScope.AppText, false, "_authToken", "_auth=", "_auth =", ":_password="),
        File.Custom("docker-login", "registry login in Docker's configuration", CredentialMatchers.DockerAuth, SecretScope.NotInBaseBinaries, false, "\"auth\"", "\\\"auth\\\""),
        File.Custom("docker-identity-token", "registry identity token in Docker's configuration", CredentialMatchers.QuotedValue, SecretScope.AppText, false, "\"identitytoken\""),
        File.Custom("kubernetes-secret", "value of a Kubernetes Secret", KubernetesSecrets.Data, SecretScope.AppText, false, "kind: Secret"),
        File.Custom("kubernetes-client-key", "client key in a kubeconfig", CredentialMatchers.KubernetesKey, SecretScope.NotInBaseBinaries, false, "client-key-data:", "\"client-key-data\":"),
        File.Custom("netrc-login", "login in .netrc", CredentialMatchers.Netrc, SecretScope.NotInBaseBinaries, false, "machine ", "default login "),
        File.Custom("machine-key", "machineKey of a web.config", CredentialMatchers.MachineKey, SecretScope.NotInBaseBinaries, true, "validationKey=\"", "decryptionKey=\""),
        File.Custom("sql-identified-by", "password in a SQL statement", CredentialMatchers.SqlIdentified, SecretScope.AppText, true, "identified by ", "identified with "),
        File.Custom("google-refresh-credential", "Google application default credentials", CredentialMatchers.QuotedValue, SecretScope.AppText, false, "\"refresh_token\""),
    ];

    private static IEnumerable<string> Calls(params string[] names) => names.SelectMany(name => (string[])[$"{name}(\"", $"{name}('", $"{name}(@\"", $"{name}(new "]);
}
