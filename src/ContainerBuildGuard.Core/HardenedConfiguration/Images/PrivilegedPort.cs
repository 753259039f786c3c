using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Image exposes a privileged port.</summary>
internal sealed class PrivilegedPort : IImageRule
{
    public Rule Rule { get; } = new("CBG2004", "Image exposes a privileged port", Severity.Medium, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 5.8"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        foreach (var port in facts.Config.ExposedPorts)
        {
            if (int.TryParse(port.Split('/')[0], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1024 and not 22)
            {
                yield return new Finding
                {
                    Rule = Rule,
                    Severity = Rule.DefaultSeverity,
                    Message = $"The image exposes port {port}, which only root may open on many hosts.",
                    Remedy = "Listen on a port from 1024 on: set ASPNETCORE_HTTP_PORTS to 8080 and <ContainerPort Include=\"8080\" Type=\"tcp\" />.",
                    Key = port,
                };
            }
        }
    }
}
