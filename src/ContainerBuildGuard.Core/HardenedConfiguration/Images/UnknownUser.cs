using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>User does not exist in the image.</summary>
internal sealed class UnknownUser : IImageRule
{
    public Rule Rule { get; } = new("CBG2003", "User does not exist in the image", Severity.Medium, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.1"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        var user = facts.Config.User.Split(':')[0];
        if (user.Length > 0 && !user.All(char.IsAsciiDigit) && user != "root" && !facts.Accounts.UserIds.ContainsKey(user))
        {
            yield return new Finding
            {
                Rule = Rule,
                Severity = Rule.DefaultSeverity,
                Message = $"The image runs as '{user}', but its /etc/passwd has no such user: the container will not start.",
                Remedy = "Set <ContainerUser> to a numeric id above 0, or to a user that the base image has.",
            };
        }
    }
}
