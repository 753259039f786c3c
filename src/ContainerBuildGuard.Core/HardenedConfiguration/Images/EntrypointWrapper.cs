using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Entrypoint runs through a wrapper.</summary>
internal sealed class EntrypointWrapper : IImageRule
{
    public Rule Rule { get; } = new("CBG2014", "Entrypoint runs through a wrapper", Severity.Low, Control.HardenedConfiguration)
    {
        References = ["CIS Docker 4.1"],
    };

    public IEnumerable<Finding> Check(HardeningFacts facts)
    {
        var command = facts.Config.Entrypoint.Concat(facts.Config.Cmd).ToList();
        var what = command switch
        {
            [var shell, "-c", ..] when shell.Split('/')[^1] is "sh" or "bash" or "ash" or "dash" => "a shell, which swallows the stop signal and starts whatever a variable injects",
            ["dotnet", "run" or "watch", ..] => "`dotnet run` or `dotnet watch`, which builds in the container and needs the SDK and the sources",
            _ when command.Any(a => a.Split('/')[^1] == "sudo") => "sudo, which asks for root in an image that should not have it",
            _ => null,
        };
        if (what is not null)
        {
            yield return new Finding
            {
                Rule = Rule,
                Severity = Rule.DefaultSeverity,
                Message = $"The image starts through {what}.",
                Remedy = "Start the app itself: leave ContainerAppCommand and ContainerEntrypoint to the SDK, which sets `dotnet app.dll` or the executable.",
            };
        }
    }
}
