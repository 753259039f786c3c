using System.CommandLine;
using System.CommandLine.Help;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Tool;

/// <summary>Parses, runs, and turns whatever comes of it into the exit codes that people script against.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(TeachingCommand top, string[] args, params IReadOnlyList<Command> commands)
    {
        var root = new RootCommand(top.Description!) { SharedOptions.Verbose };
        foreach (var command in commands)
        {
            root.Add(command);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new TeachingHelp((HelpAction)help.Action!, top.Examples);
        var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not TeachingHelp)
        {
            // A wrong word also counts as a missing command; the word is what the user wants to hear of.
            var messages = parsed.UnmatchedTokens.Count > 0
                ? parsed.UnmatchedTokens.Select(token => $"'{token}' is neither a command, an option nor an argument here.")
                : parsed.Errors.Select(error => error.Message);
            foreach (var message in messages)
            {
                await Console.Error.WriteLineAsync($"error CBG9009: {Printable.OneLine(message)}");
            }

            await Console.Error.WriteLineAsync($"Run `{Name(parsed)} --help` for what is possible.");
            return ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception)
        {
            return await ReportAsync(exception, parsed.GetValue(SharedOptions.Verbose));
        }
    }

    private static async Task<int> ReportAsync(Exception exception, bool verbose)
    {
        var (code, line) = exception switch
        {
            GuardException guard => (guard.Kind == GuardFailure.Input ? ExitCode.Usage : ExitCode.Unfinished, $"error {guard.Code}: {Place(guard)}{guard.Message}"),
            OperationCanceledException => (ExitCode.Unfinished, "error: Cancelled before the end; nothing was decided."),
            _ => (ExitCode.Unfinished, $"error: Unexpected failure ({exception.GetType().Name}): {exception.Message.TrimEnd('.')}; run again with -v and report what it prints."),
        };
        await Console.Error.WriteLineAsync(Printable.OneLine(line));
        if (verbose)
        {
            await Console.Error.WriteLineAsync(exception.ToString());
        }

        return code;
    }

    private static string Place(GuardException guard) =>
        guard.File is null ? "" : guard.Line == 0 ? $"{guard.File}: " : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{guard.File}({guard.Line},{guard.Column}): ");

    private static string Name(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Push(result.Command is RootCommand ? "cbg" : result.Command.Name);
        }

        return string.Join(' ', names);
    }
}
