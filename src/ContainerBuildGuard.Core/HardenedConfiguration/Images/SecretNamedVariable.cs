using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Environment variable is named like a secret.</summary>
internal sealed class SecretNamedVariable : IImageRule
{
    public Rule Rule { get; } = new("CBG2008", "Environment variable is named like a secret", Severity.High, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.10", "NIST SP 800-190 4.1.4"],
    };

    private static readonly string[] Marks = ["PASSWORD", "PASSWD", "PWD_", "SECRET", "APIKEY", "API_KEY", "ACCESS_KEY", "ACCESSKEY", "PRIVATE_KEY", "CONNECTIONSTRING", "CONNECTION_STRING", "TOKEN", "CREDENTIAL"];
    private static readonly string[] NotSecret = ["_FILE", "_PATH", "_URL", "_URI", "_NAME", "_HEADER", "_LIFETIME", "_EXPIRY", "_TIMEOUT", "_ENDPOINT", "_LENGTH", "_ISSUER", "_ENABLED"];

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var variable in facts.Config.Env)
        {
            var equals = variable.IndexOf('=', StringComparison.Ordinal);
            var (name, value) = equals < 0 ? (variable, "") : (variable[..equals], variable[(equals + 1)..]);
            var upper = name.ToUpperInvariant();
            if (value.Length > 0 && !bool.TryParse(value, out _) && Marks.Any(m => upper.Contains(m, StringComparison.Ordinal)) && !NotSecret.Any(n => upper.EndsWith(n, StringComparison.Ordinal)))
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = Rule.DefaultSeverity,
                    Message = $"The environment variable '{name}' has a value in the image: everybody who can pull the image can read it.",
                    Remedy = $"Take '{name}' out of ContainerEnvironmentVariable and give it at run time: a Kubernetes secret, a Docker secret (file), or Azure Key Vault.",
                    Key = name,
                };
            }
        }
    }
}
