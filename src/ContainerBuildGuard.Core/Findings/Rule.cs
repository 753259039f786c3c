using System.Collections.Immutable;
using System.Reflection;

namespace ContainerBuildGuard.Findings;

/// <summary>What the guard can find: a stable code with its title, default severity and references. Its page <c>CBGnnnn.md</c> stands beside the class that uses it.</summary>
public sealed record Rule(string Code, string Title, Severity DefaultSeverity, Control Control)
{
    /// <summary>Sections of CIS benchmarks, NIST SP 800-190, Kubernetes Pod Security Standards and the like.</summary>
    public ImmutableArray<string> References { get; init; } = [];

    /// <summary>Where the rule's page stands on the web.</summary>
    public string HelpUri => $"https://containerbuildguard.dev/rules/{Code}";

    /// <summary>The rule's page: what it means, why it matters, how to fix it. Markdown.</summary>
    /// <exception cref="InvalidOperationException">The page is missing from the assembly; a uniformity test holds that none is.</exception>
    public string ReadPage()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{Code}.md")
            ?? throw new InvalidOperationException($"The page of rule {Code} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
