using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace ContainerBuildGuard.Tool;

/// <summary>A command whose help ends with examples.</summary>
internal sealed class TeachingCommand(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>The ordinary help, then the examples and the exit codes.</summary>
internal sealed class TeachingHelp(HelpAction help, IReadOnlyList<string> rootExamples) : SynchronousCommandLineAction
{
    public override int Invoke(ParseResult parseResult)
    {
        help.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (var example in (parseResult.CommandResult.Command as TeachingCommand)?.Examples ?? rootExamples)
        {
            output.WriteLine($"  {example}");
        }

        output.WriteLine();
        output.WriteLine("Exit codes: 0 passed, 1 refused, 2 wrong usage or input, 3 could not finish.");
        return ExitCode.Passed;
    }

    public override bool ClearsParseErrors => true;
}
