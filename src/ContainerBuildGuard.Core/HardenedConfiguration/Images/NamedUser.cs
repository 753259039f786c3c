using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>User has no numeric id.</summary>
internal sealed class NamedUser : IImageRule
{
    public Rule Rule { get; } = new("CBG2002", "User has no numeric id", Severity.Low, Control.HardenedConfiguration)
    {
        References = ["Kubernetes runAsNonRoot"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        var user = facts.Config.User.Split(':')[0];
        if (user.Length > 0 && !user.All(char.IsAsciiDigit) && user != "root" && facts.Accounts.UserIds.TryGetValue(user, out var id) && id != 0)
        {
            yield return new Finding
            {
                Rule = Rule,
                Severity = Rule.DefaultSeverity,
                Message = $"The image runs as the name '{user}', which Kubernetes cannot tell from root under runAsNonRoot.",
                Remedy = $"Set <ContainerUser>{id}</ContainerUser>, the id of '{user}' in the image.",
            };
        }
    }
}
