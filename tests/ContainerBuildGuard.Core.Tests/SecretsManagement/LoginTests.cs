using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What a login, a definition or a block says of a value that has no form of its own.</summary>
[TestClass]
public sealed class LoginTests
{
    private static readonly string Password = $"gr4nite{new Made(62).Fill("{d2}")}Hall";

    [TestMethod]
    [DataRow("a.cs", "await users.CreateAsync(admin, \"{p}\");")]
    [DataRow("a.cs", "var cert = new X509Certificate2(\"shop.pfx\", \"{p}\");")]
    [DataRow("a.cs", "new NetworkCredential(\"ops\", \"{p}\")")]
    [DataRow("a.cs", "public string AdminPassword { get; set; } = \"{p}\";")]
    [DataRow("a.cs", "Convert.ToBase64String(Encoding.ASCII.GetBytes(\"ops:{p}\"))")]
    [DataRow("a.cs", "driver.FindElement(By.Id(\"password\")).SendKeys(\"{p}\");")]
    [DataRow("a.py", "smtp.login('ops@contoso.com', '{p}')")]
    [DataRow("a.py", "requests.get(url, auth=('ops', '{p}'))")]
    [DataRow("a.ts", "await signInWithEmailAndPassword(auth, 'ops@contoso.com', '{p}');")]
    [DataRow("a.js", "btoa('ops:{p}')")]
    [DataRow("a.java", "store.load(new FileInputStream(\"a.jks\"), \"{p}\".toCharArray());")]
    [DataRow("a.java", "Algorithm.HMAC256(\"{p}\")")]
    [DataRow("a.java", "@Value(\"${db.password:{p}}\")")]
    [DataRow("a.go", "sql.Open(\"mysql\", \"root:{p}@tcp(127.0.0.1:3306)/shop\")")]
    [DataRow("a.php", "define('DB_PASSWORD', '{p}');")]
    [DataRow("a.tf", "variable \"db_password\" {\n  type = string\n  default = \"{p}\"\n}")]
    [DataRow("a.json", "{ \"adminPassword\": { \"defaultValue\": \"{p}\" } }")]
    [DataRow("a.tfstate", "{ \"type\": \"random_password\", \"instances\": [ { \"attributes\": { \"result\": \"{p}\" } } ] }")]
    [DataRow("a.xml", "<AutoLogon><Password><Value>{p}</Value></Password></AutoLogon>")]
    [DataRow("user-data.yml", "#cloud-config\nchpasswd:\n  list: |\n    root:{p}\n")]
    [DataRow("preseed.cfg", "d-i passwd/root-password password {p}\n")]
    [DataRow("redis.conf", "bind 0.0.0.0\nrequirepass {p}\n")]
    [DataRow("sasl_passwd", "[smtp.contoso.com]:587 ops:{p}\n")]
    public void A_password_is_found_by_what_it_belongs_to(string path, string text)
    {
        var content = text.Replace("{p}", Password, StringComparison.Ordinal);
        Assert.HasCount(1, Secrets.In(content, $"app/{path}"), content);
    }

    [TestMethod]
    [DataRow("a.cs", "await users.CreateAsync(admin, input.Password);")]
    [DataRow("a.cs", "var cert = new X509Certificate2(\"shop.pfx\", password);")]
    [DataRow("a.cs", "new NetworkCredential(\"username\", \"password\")")]
    [DataRow("a.cs", "public string AdminPassword { get; set; } = \"\";")]
    [DataRow("a.cs", "Convert.ToBase64String(Encoding.ASCII.GetBytes($\"{user}:{password}\"))")]
    [DataRow("a.cs", "driver.FindElement(By.Id(\"password\")).SendKeys(Settings.Password);")]
    [DataRow("a.py", "smtp.login(os.environ['USER'], os.environ['PASS1'])")]
    [DataRow("a.py", "requests.get(url, auth=(user, password))")]
    [DataRow("a.js", "btoa('text to encode')")]
    [DataRow("a.java", "\"0123456789abcdef\".toCharArray()")]
    [DataRow("a.java", "@Value(\"${db.password:}\")")]
    [DataRow("a.go", "fmt.Sprintf(\"%s:%s@tcp(%s)/shop\", user, pass, host)")]
    [DataRow("a.php", "define('DB_PASSWORD', getenv('DB_PASSWORD'));")]
    [DataRow("a.tf", "variable \"db_password\" {\n  type = string\n  default = \"\"\n}")]
    [DataRow("a.json", "{ \"adminPassword\": { \"type\": \"securestring\" } }")]
    [DataRow("a.xml", "<Password><Value>${PASSWORD}</Value></Password>")]
    [DataRow("preseed.cfg", "d-i passwd/root-password password ${ROOT_PASSWORD}\n")]
    [DataRow("redis.conf", "# requirepass foobared\n")]
    public void A_reference_or_another_literal_is_not(string path, string text) => Assert.IsEmpty(Secrets.In(text, $"app/{path}"));

    [TestMethod]
    [DataRow("a.js", "{ user: 'postgres', host: 'db', password: 'tundraWolves' }", 1, "two words beside a user")]
    [DataRow("a.js", "{ label: 'x', password: 'tundraWolves' }", 0, "camel case names something")]
    [DataRow("a.js", "{ user: 'postgres', host: 'db', password: 'tundrawolves' }", 1, "a user stands beside it")]
    [DataRow("a.js", "{ label: 'x', password: 'tundrawolves' }", 0, "nothing says that it is a login")]
    [DataRow("a.js", "{ user: 'postgres', password: 'passwordField' }", 0, "it names a field")]
    [DataRow("a.js", "{ user: 'postgres', password: 'Kennwort' }", 0, "a translation")]
    [DataRow("fi.json", "{ \"username\": \"tunnus\", \"password\": \"salasana\" }", 0, "a file of translations")]
    [DataRow("settings.json", "{ \"username\": \"tunnus1\", \"password\": \"salasana\" }", 1, "a file of settings")]
    [DataRow("a.cs", "new NetworkCredential(\"a@contoso.com\", \"hvkq mwzn kdrd tqbs\")", 1, "an app's password in four groups")]
    [DataRow("a.cs", "var password = \"send mail from here\";", 0, "a sentence of four words")]
    public void A_word_counts_where_somebody_logs_in_with_it(string path, string text, int found, string why) => Assert.HasCount(found, Secrets.In(text, $"app/{path}"), why);

    [TestMethod]
    public void A_client_secret_of_Entra_is_found_in_each_of_its_forms()
    {
        var made = new Made(63);
        foreach (var secret in (string[])[made.Fill("{u3}7Q~{w31}"), made.Fill("{u3}8Q~{w34}"), made.Fill("{w8}[{w9}]?{w7}:{w6}="), made.Fill("{w10}-{w9}@{w6}.{w7}/")])
        {
            Assert.HasCount(1, Secrets.In($$"""{ "AzureAd": { "ClientSecret": "{{secret}}" } }""", "app/appsettings.json"), secret);
        }
    }
}
