using System.Collections.Immutable;
using static ContainerBuildGuard.SecretsManagement.SecretsRules;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>The detector table. To add a form: one entry, with a positive and a negative in the tests.</summary>
internal static class SecretDetectors
{
    // What may stand before and after a token, so that a part of a longer word is none. NonBacktracking knows no look-around.
    private const string B = @"(?:^|[^A-Za-z0-9_\-])";
    private const string E = @"(?:$|[^A-Za-z0-9_\-])";

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        new("pem-private-key", PrivateKey, "private key in PEM form", ["private key"], @"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:\\n|\\r|\s|[A-Za-z-]+: [^\r\n]*)*(?<s>[A-Za-z0-9+/=]{40,})") { NotInBaseBinaries = true },
        new("putty-private-key", PrivateKey, "PuTTY private key", ["putty-user-key-file"], @"PuTTY-User-Key-File-[23]: (?<s>[a-z0-9\-]+)"),
        new("age-secret-key", PrivateKey, "age secret key", ["age-secret-key-"], B + @"(?<s>AGE-SECRET-KEY-1[0-9A-Z]{58})" + E),

        new("ado-connection-string", ConnectionString, "connection string with a password", ["password", "pwd"], @"(?i)(?:server|data source|host|addr(?:ess)?|network address|initial catalog|database|user ?id|uid|username)\s*=[^\r\n""<>]{1,300}?;\s*(?:password|pwd)\s*=\s*'?(?<s>[^;'""<>\r\n\s]{3,128})") { AppOnly = true },
        new("ado-connection-string-reversed", ConnectionString, "connection string with a password", ["password", "pwd"], @"(?i)(?:password|pwd)\s*=\s*'?(?<s>[^;'""<>\r\n\s]{3,128})'?;[^\r\n""<>]{0,300}?(?:server|data source|host|initial catalog|database)\s*=") { AppOnly = true },
        new("database-url", ConnectionString, "database URL with a password", ["://"], @"(?i)(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver|oracle|clickhouse)://[^\s:@/""'<>]{0,64}:(?<s>[^\s@/""'<>]{3,128})@[A-Za-z0-9\.\-\[]"),
        new("azure-storage-key", CloudCredential, "Azure Storage account key", ["accountkey="], @"(?i)AccountKey=(?<s>[A-Za-z0-9+/]{86}==)"),
        new("azure-shared-access-key", CloudCredential, "Azure shared access key", ["sharedaccesskey="], @"(?i)SharedAccessKey=(?<s>[A-Za-z0-9+/]{43}=)"),
        new("azure-sas-signature", CloudCredential, "Azure shared access signature", ["sig="], @"(?i)[?&](?:sv|se|sp|sr)=[^\s""'<>]{1,400}?&sig=(?<s>[A-Za-z0-9%+/]{43,}(?:%3D|=))"),
        new("azure-client-secret", CloudCredential, "Microsoft Entra client secret", ["8q~"], B + @"(?<s>[A-Za-z0-9_~.]{3}8Q~[A-Za-z0-9_~.\-]{31,34})" + E),
        new("azure-identifiable-key", CloudCredential, "Azure identifiable key", ["azfu", "acdb", "+asb", "+aeh", "+ast", "azsea", "azeg"], B + @"(?<s>[A-Za-z0-9+/]{42,76}(?:AzFu|ACDb|\+ASb|\+AEh|\+ASt|AzSeA|AZEG)[A-Za-z0-9+/]{5,6}={0,2})"),
        new("aws-access-key", CloudCredential, "AWS access key id", ["akia", "asia"], B + @"(?<s>(?:AKIA|ASIA)[A-Z2-7]{16})" + E) { Entropy = 3 },
        new("aws-secret-key", CloudCredential, "AWS secret access key", ["aws"], @"(?i)aws_?(?:secret)?_?(?:access)?_?key[""'\s:=]{1,6}(?<s>[A-Za-z0-9+/]{40})(?:$|[^A-Za-z0-9+/=])") { Entropy = 4 },
        new("google-api-key", CloudCredential, "Google API key", ["aiza"], B + @"(?<s>AIza[0-9A-Za-z_\-]{35})" + E) { Entropy = 3.5 },
        new("google-oauth-secret", CloudCredential, "Google OAuth client secret", ["gocspx-"], B + @"(?<s>GOCSPX-[A-Za-z0-9_\-]{28})" + E),
        new("digitalocean-token", CloudCredential, "DigitalOcean token", ["dop_v1_", "doo_v1_"], B + @"(?<s>do[opr]_v1_[a-f0-9]{64})" + E),
        new("alibaba-key", CloudCredential, "Alibaba Cloud access key id", ["ltai"], B + @"(?<s>LTAI[A-Za-z0-9]{20})" + E) { Entropy = 3.5 },

        new("github-token", SourceControlToken, "GitHub token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], B + @"(?<s>gh[pousr]_[A-Za-z0-9]{36})" + E) { Entropy = 3.2 },
        new("github-fine-grained", SourceControlToken, "GitHub fine-grained token", ["github_pat_"], B + @"(?<s>github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})" + E),
        new("gitlab-token", SourceControlToken, "GitLab token", ["glpat-", "gldt-", "glrt-", "glptt-"], B + @"(?<s>gl(?:pat|dt|rt|ptt)-[A-Za-z0-9_\-]{20,40})" + E),
        new("azure-devops-token", SourceControlToken, "Azure DevOps token", ["azdo"], B + @"(?<s>[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4})" + E),
        new("npm-token", SourceControlToken, "npm token", ["npm_"], B + @"(?<s>npm_[A-Za-z0-9]{36})" + E) { Entropy = 3.2 },
        new("nuget-key", SourceControlToken, "NuGet API key", ["oy2"], B + @"(?<s>oy2[a-z0-9]{43})" + E) { Entropy = 3.5 },
        new("pypi-token", SourceControlToken, "PyPI token", ["pypi-ageichlwas5vcmc"], B + @"(?<s>pypi-AgEIcHlwaS5vcmc[A-Za-z0-9_\-]{50,})"),
        new("docker-token", SourceControlToken, "Docker Hub token", ["dckr_pat_", "dckr_oat_"], B + @"(?<s>dckr_[po]at_[A-Za-z0-9_\-]{27,32})" + E),
        new("rubygems-token", SourceControlToken, "RubyGems key", ["rubygems_"], B + @"(?<s>rubygems_[a-f0-9]{48})" + E),
        new("atlassian-token", SourceControlToken, "Atlassian token", ["atatt3"], B + @"(?<s>ATATT3[A-Za-z0-9_\-=]{100,})"),

        new("slack-token", ServiceToken, "Slack token", ["xoxb-", "xoxp-", "xoxa-", "xapp-"], B + @"(?<s>x(?:ox[abp]|app)-[0-9A-Za-z\-]{20,})" + E),
        new("slack-webhook", ServiceToken, "Slack webhook", ["hooks.slack.com"], @"hooks\.slack\.com/services/(?<s>T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{20,})"),
        new("stripe-key", ServiceToken, "Stripe key", ["sk_live_", "rk_live_"], B + @"(?<s>[sr]k_live_[A-Za-z0-9]{24,})"),
        new("sendgrid-key", ServiceToken, "SendGrid key", ["sg."], B + @"(?<s>SG\.[A-Za-z0-9_\-]{22}\.[A-Za-z0-9_\-]{43})" + E),
        new("openai-key", ServiceToken, "OpenAI key", ["t3blbkfj"], B + @"(?<s>sk-[A-Za-z0-9_\-]{16,}T3BlbkFJ[A-Za-z0-9_\-]{16,})"),
        new("anthropic-key", ServiceToken, "Anthropic key", ["sk-ant-"], B + @"(?<s>sk-ant-(?:api|admin)[0-9]{2}-[A-Za-z0-9_\-]{80,})"),
        new("huggingface-token", ServiceToken, "Hugging Face token", ["hf_"], B + @"(?<s>hf_[A-Za-z]{34})" + E) { Entropy = 3.5 },
        new("vault-token", ServiceToken, "Vault token", ["hvs.", "hvb."], B + @"(?<s>hv[sb]\.[A-Za-z0-9_\-]{24,})"),
        new("terraform-token", ServiceToken, "Terraform Cloud token", [".atlasv1."], B + @"(?<s>[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_\-=]{60,70})"),
        new("telegram-token", ServiceToken, "Telegram bot token", [":aa"], B + @"(?<s>[0-9]{8,10}:AA[A-Za-z0-9_\-]{33})" + E) { AppOnly = true },
        new("discord-webhook", ServiceToken, "Discord webhook", ["discord"], @"discord(?:app)?\.com/api/webhooks/[0-9]{17,20}/(?<s>[A-Za-z0-9_\-]{60,})"),
        new("grafana-token", ServiceToken, "Grafana token", ["glsa_", "glc_"], B + @"(?<s>gl(?:sa|c)_[A-Za-z0-9+/=_]{32,})"),
        new("newrelic-key", ServiceToken, "New Relic key", ["nrak-", "nral"], B + @"(?<s>NRAK-[A-Z0-9]{27}|[a-f0-9]{36}NRAL)" + E),
        new("sentry-token", ServiceToken, "Sentry token", ["sntrys_", "sntryu_"], B + @"(?<s>sntry[su]_[A-Za-z0-9+/=_]{40,})"),
        new("databricks-token", ServiceToken, "Databricks token", ["dapi"], B + @"(?<s>dapi[a-f0-9]{32})" + E) { Entropy = 3 },
        new("shopify-token", ServiceToken, "Shopify token", ["shpat_", "shpss_", "shpca_"], B + @"(?<s>shp(?:at|ss|ca)_[a-fA-F0-9]{32})" + E),
        new("mailgun-key", ServiceToken, "Mailgun key", ["key-"], B + @"(?<s>key-[a-f0-9]{32})" + E) { AppOnly = true, Entropy = 3 },
        new("postman-key", ServiceToken, "Postman key", ["pmak-"], B + @"(?<s>PMAK-[a-f0-9]{24}-[a-f0-9]{34})" + E),

        new("basic-auth-url", WebCredential, "user name and password in a URL", ["://"], @"(?i)https?://[A-Za-z0-9._%+\-]{1,64}:(?<s>[^\s@/:""'<>{}$]{4,128})@[A-Za-z0-9\[]") { AppOnly = true },
        new("jwt", WebCredential, "JSON Web Token", ["eyj"], B + @"(?<s>eyJ[A-Za-z0-9_\-]{10,}\.eyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{20,})") { AppOnly = true },

        new("nuget-config-password", CredentialFile, "clear-text password in nuget.config", ["cleartextpassword"], @"(?i)key=""ClearTextPassword""\s+value=""(?<s>[^""%]{3,})"""),
        new("npmrc-token", CredentialFile, "token in .npmrc", ["_authtoken", "_auth"], @"_auth(?:Token)?\s*=\s*""?(?<s>[A-Za-z0-9_\-+/=]{16,})") { TextOnly = true },
        new("docker-auth", CredentialFile, "registry login in Docker's config", ["\"auth\""], @"""auth""\s*:\s*""(?<s>[A-Za-z0-9+/]{8,}={0,2})""") { TextOnly = true },
        new("kubeconfig-key", CredentialFile, "client key or token in a kubeconfig", ["client-key-data", "kind: config"], @"client-key-data:\s*(?<s>[A-Za-z0-9+/=]{40,})") { TextOnly = true },
        new("machine-key", CredentialFile, "machineKey in web.config", ["machinekey"], @"(?i)<machineKey[^>]*(?:validation|decryption)Key=""(?<s>[A-F0-9]{32,})"""),
        new("data-protection-key", CredentialFile, "unencrypted data protection key", ["<masterkey"], @"(?s)<masterKey[^>]*>\s*(?:<!--[^>]*-->\s*)?<value>(?<s>[A-Za-z0-9+/=]{40,})</value>"),
        new("netrc", CredentialFile, "login in .netrc", ["machine "], @"machine\s+\S+\s+login\s+\S+\s+password\s+(?<s>\S{4,})") { TextOnly = true },

        new("named-secret", NamedSecret, "setting named like a secret", ["password", "passwd", "secret", "apikey", "api_key", "api-key", "accesskey", "token", "pwd"],
            @"(?i)[""']?[a-z0-9_.:\-]{0,40}(?:password|passwd|pwd|secret|api[_\-]?key|access[_\-]?key|auth[_\-]?token|access[_\-]?token|client[_\-]?secret)[""']?\s*[:=]\s*[""'](?<s>[^""'\s<>{}$]{8,128})[""']") { TextOnly = true, AppOnly = true, Entropy = 2.8 },
        new("env-secret", NamedSecret, "variable named like a secret", ["password", "secret", "apikey", "api_key", "token", "pwd"],
            @"(?m)^(?:export )?[A-Z0-9_]{0,40}(?:PASSWORD|PASSWD|SECRET|API_?KEY|ACCESS_?KEY|TOKEN)=(?<s>[^\s""'$<>{}#]{8,128})\s*$") { TextOnly = true, AppOnly = true, Entropy = 2.8 },
    ];

    /// <summary>The detector with this id.</summary>
    /// <exception cref="FormatException">There is none.</exception>
    public static SecretDetector Find(string id) => All.FirstOrDefault(d => d.Id == id) ?? throw new FormatException($"no detector '{id}'");
}
