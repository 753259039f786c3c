using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Image runs as root.</summary>
internal sealed class RootUser : IImageRule
{
    public Rule Rule { get; } = new("CBG2001", "Image runs as root", Severity.High, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.1", "NIST SP 800-190 4.1.1"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        var user = facts.Config.User.Split(':')[0];
        var isRoot = user is "" or "root" || (user.Length > 0 && user.All(c => c == '0')) || facts.Accounts.UserIds.GetValueOrDefault(user, -1) == 0;
        if (isRoot)
        {
            yield return new Finding
            {
                Rule = Rule,
                Severity = Rule.DefaultSeverity,
                Message = user.Length == 0 ? "The image sets no user, so its process runs as root." : $"The image runs as '{user}', which is root.",
                Remedy = "Set <ContainerUser>1654</ContainerUser> (the app user of Microsoft's images, $APP_UID) or another numeric id above 0 in the project.",
            };
        }
    }
}
