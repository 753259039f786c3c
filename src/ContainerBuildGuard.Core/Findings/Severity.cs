namespace ContainerBuildGuard.Findings;

/// <summary>How bad a finding is; ordered, so that a threshold is a comparison.</summary>
public enum Severity
{
    Info,
    Low,
    Medium,
    High,
    Critical,
}

/// <summary>The five controls of the founding text, and the guard itself.</summary>
public enum Control
{
    ContentSecurity,
    HardenedConfiguration,
    ContentTrust,
    SecretsManagement,
    HostSecurity,
    Guard,
}

public static class ControlNames
{
    /// <summary>The name in reports and policies: <c>content-security</c>.</summary>
    public static string ToKebabCase(this Control control) => control switch
    {
        Control.ContentSecurity => "content-security",
        Control.HardenedConfiguration => "hardened-configuration",
        Control.ContentTrust => "content-trust",
        Control.SecretsManagement => "secrets-management",
        Control.HostSecurity => "host-security",
        _ => "guard",
    };
}
