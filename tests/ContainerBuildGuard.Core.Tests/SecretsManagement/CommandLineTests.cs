using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Passwords among the arguments of commands, where the option has no telling name.</summary>
[TestClass]
public sealed class CommandLineTests
{
    private static readonly string Password = $"Kestrel{new Made(61).Fill("{d3}")}x";

    [TestMethod]
    [DataRow("curl -u ops:{p} https://ci.contoso.com/job")]
    [DataRow("smbclient //fs01/share -U 'ops%{p}'")]
    [DataRow("sshpass -p '{p}' ssh ops@web01")]
    [DataRow("sshpass -p{p} ssh ops@web01")]
    [DataRow("mysql -h db -uroot -p{p} shop")]
    [DataRow("/opt/mssql-tools/bin/sqlcmd -S localhost -U sa -P {p} -Q 'select 1'")]
    [DataRow("docker login -u ci -p {p} registry.contoso.com")]
    [DataRow("az sql server create -n shop -u ops -p '{p}'")]
    [DataRow("redis-cli -h cache -a {p} ping")]
    [DataRow("ldapsearch -x -D cn=admin -w {p} -b dc=contoso")]
    [DataRow("keytool -genkey -keystore a.jks -storepass {p} -alias a")]
    [DataRow("openssl pkcs12 -export -in a.pem -passout pass:{p}")]
    [DataRow("signtool sign /f a.pfx /p {p} a.exe")]
    [DataRow("net user backup {p} /add")]
    [DataRow("rabbitmqctl add_user orders {p}")]
    [DataRow("sqlplus system/{p}@//db/orcl")]
    [DataRow("echo 'root:{p}' | chpasswd")]
    [DataRow("echo '{p}' | sudo -S reboot")]
    [DataRow("./setup --admin-password {p} --port 80")]
    [DataRow("ENV DB_PASSWORD {p}", "Dockerfile")]
    [DataRow("args: ['login', '-u', 'ci', '-p', '{p}']", "build.yaml")]
    public void A_password_on_a_command_line_is_found(string text, string path = "run.sh")
    {
        var content = text.Replace("{p}", Password, StringComparison.Ordinal) + "\n";
        var found = Secrets.In(content, $"app/{path}");
        Assert.HasCount(1, found, content);
        Assert.AreEqual(content.IndexOf(Password, StringComparison.Ordinal), found[0].Position, found[0].DetectorId);
        Assert.AreEqual(Password.Length, found[0].Length, found[0].DetectorId);
    }

    [TestMethod]
    [DataRow("curl -u \"$USER:$PASS\" https://ci.contoso.com/job")]
    [DataRow("curl -u ops https://ci.contoso.com/job")]
    [DataRow("sshpass -p \"$PASS\" ssh ops@web01")]
    [DataRow("sshpass -f pass.txt ssh -p 2222 ops@web01")]
    [DataRow("mysql -h db -u root -p shop123")]
    [DataRow("mysql -uroot -p\"${MYSQL_ROOT_PASSWORD}\" shop")]
    [DataRow("sqlcmd -S $SERVER -E -i script.sql")]
    [DataRow("docker run -p 8080:80 registry.contoso.com/login:1.0")]
    [DataRow("docker login -u ci -p <password> registry.contoso.com")]
    [DataRow("redis-cli -h cache -a $REDIS_PASSWORD ping")]
    [DataRow("keytool -list -keystore a.jks -storepass changeit")]
    [DataRow("openssl pkcs12 -in a.pfx -passin env:PFX_PASSWORD")]
    [DataRow("openssl pkcs12 -in a.pfx -passin file:pfx-password1.txt")]
    [DataRow("net user backup /domain")]
    [DataRow("sqlplus / as sysdba")]
    [DataRow("echo \"root:$ROOT_PASSWORD\" | chpasswd")]
    [DataRow("echo \"$PASS\" | sudo -S reboot")]
    [DataRow("./setup --admin-password \"$ADMIN_PASSWORD\" --port 80")]
    [DataRow("./setup --password-stdin --password --port 8080")]
    [DataRow("ENV DB_PASSWORD ${DB_PASSWORD}", "Dockerfile")]
    [DataRow("args: ['run', '-p', '8080:80']", "build.yaml")]
    public void A_reference_a_prompt_or_another_option_is_not(string text, string path = "run.sh") =>
        Assert.IsEmpty(Secrets.In(text + "\n", $"app/{path}"));
}
