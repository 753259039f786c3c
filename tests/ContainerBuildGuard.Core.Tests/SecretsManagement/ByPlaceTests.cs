using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Secrets that only their place tells: the column of a table, the argument of a call, the sentence they end.</summary>
[TestClass]
public sealed class ByPlaceTests
{
    private static readonly Made Made = new(51);
    private static readonly string Password = $"Falcon!{Made.Fill("{d4}")}x";
    private static readonly string Key = Made.Fill("{h32}");

    [TestMethod]
    [DataRow("a.csv", "id,email,password,active\n1,dana@contoso.com,{p},true\n2,tom@contoso.com,{p},true\n", 2)]
    [DataRow("a.csv", "service;\"api_key\";owner\r\nmaps;\"{k}\";dana\r\n", 1)]
    [DataRow("a.tsv", "host\tuser\tpassword\nweb01\troot\t{p}\n", 1)]
    [DataRow("a.md", "| system | password |\n|---|:--|\n| grafana | `{p}` |\n", 1)]
    [DataRow("a.csv", "id,password_hash,active\n1,{k},true\n", 0)]
    [DataRow("a.csv", "name,password,active\nuser,password,true\n", 0)]
    [DataRow("a.txt", "Enter your name, password, and code.\nThen wait, {k}, a bit.\n", 0)]
    [DataRow("a.csv", "id,password\n1,{p},too,many\n", 0)]
    public void A_column_named_like_a_secret_holds_secrets(string path, string text, int found) => AssertFound(path, text, found);

    [TestMethod]
    [DataRow("INSERT INTO users (id, name, password) VALUES (1, 'dana', '{p}'), (2, 'tom', '{p}');", 2)]
    [DataRow("insert into settings (api_key, name)\nvalues ('{k}', 'maps');", 1)]
    [DataRow("INSERT INTO users (id, name, password_hash) VALUES (1, 'dana', '{k}');", 0)]
    [DataRow("INSERT INTO users (id, name, password) VALUES (1, '{p}', @password);", 0)]
    [DataRow("CREATE TABLE users (id int, password varchar(100), token varchar(64));", 0)]
    public void A_row_that_is_inserted_holds_secrets(string text, int found) => AssertFound("a.sql", text, found);

    [TestMethod]
    [DataRow("a.cs", "var client = new AlgoliaClient(\"{k}\");", 1)]
    [DataRow("a.cs", "var client = new CosmosClient(\"https://shop.documents.azure.com\", \"{b}\");", 1)]
    [DataRow("a.js", "const zoom = require('zoom')('{k}');", 1)]
    [DataRow("a.cs", "TwilioClient.Init(\"AC{k}\", \"{k}\");", 1)]
    [DataRow("a.py", "client.run('MTA1{w20}.{w6}.{w38}')", 1)]
    [DataRow("a.js", "new Sequelize('shop', 'root', '{p}', { dialect: 'mysql' });", 1)]
    [DataRow("a.sh", "echo '{p}' | docker login -u ci --password-stdin registry.contoso.com", 1)]
    [DataRow("a.cs", "var client = new HttpClient(\"https://shop.contoso.com/path/1\");", 0)]
    [DataRow("a.js", "const a = require('some-module')('production');", 0)]
    [DataRow("a.js", "new Sequelize('shop', 'root', process.env.DB_PASSWORD);", 0)]
    [DataRow("a.sh", "echo \"$TOKEN\" | docker login -u ci --password-stdin registry.contoso.com", 0)]
    [DataRow("a.cs", "var account = \"AC{k}\";", 0)]
    public void An_argument_of_a_call_is_a_secret(string path, string text, int found) => AssertFound(path, text, found);

    [TestMethod]
    [DataRow("a.txt", "the password for the VPN is {p} and the user is tom", 1)]
    [DataRow("a.md", "Our api token is `{k}`, ask Dana.", 1)]
    [DataRow("a.txt", "the password is at least 12 characters long", 0)]
    [DataRow("a.md", "The token is valid for 3600 seconds.", 0)]
    [DataRow("a.md", "The next page token is `{k}`.", 0)]
    public void A_sentence_that_says_it_is_found(string path, string text, int found) => AssertFound(path, text, found);

    [TestMethod]
    [DataRow("{ \"Env\": [ \"API_KEY={k}\" ] }", 1)]
    [DataRow("<plist><dict><key>ApiKey</key>\n<string>{k}</string></dict></plist>", 1)]
    [DataRow("[service]\nclient_secret = {k}\n", 1)]
    [DataRow("---\nservice:\n  apiKey: >-\n    {k}\n", 1)]
    [DataRow("import os\n\ndef main():\n    token = get_token(user)\n    return token\n", 0)]
    public void A_file_without_a_telling_name_is_read_by_its_look(string text, int found) => AssertFound("files/17", text, found);

    [TestMethod]
    [DataRow("password: ENC[AES256_GCM,data:{b},iv:{b},tag:x,type:str]")]
    [DataRow("password: ENC({b})")]
    [DataRow("password: '{cipher}{k}{k}'")]
    [DataRow("kind: SealedSecret\nspec:\n  encryptedData:\n    password: Ag{b}{b}{b}")]
    [DataRow("password: $2y$10${b}")]
    [DataRow("key: MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA{b}")]
    public void What_is_encrypted_hashed_or_public_is_quiet(string text) => AssertFound("a.yml", text, 0);

    private static void AssertFound(string path, string text, int expected)
    {
        var content = text.Replace("{p}", Password, StringComparison.Ordinal).Replace("{k}", Key, StringComparison.Ordinal).Replace("{b}", Made.Fill("{b86}=="), StringComparison.Ordinal)
            .Replace("{w20}", Made.Fill("{w20}"), StringComparison.Ordinal).Replace("{w6}", Made.Fill("{w6}"), StringComparison.Ordinal).Replace("{w38}", Made.Fill("{w38}"), StringComparison.Ordinal);
        var found = Secrets.In(content, $"app/{path}");
        Assert.HasCount(expected, found, $"{content}: {string.Join(", ", found.Select(f => f.DetectorId))}");
    }
}
