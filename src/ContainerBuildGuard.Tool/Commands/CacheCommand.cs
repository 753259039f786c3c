using System.CommandLine;
using System.Globalization;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg cache info | clear</c></summary>
internal static class CacheCommand
{
    public static Command Create() => new TeachingCommand("cache", "What was found in layers, kept so that the next run reads only new ones.", "cbg cache info", "cbg cache clear")
    {
        Create("info", "Say where the cache is and what it holds.", "holds", static cache => cache.Measure()),
        Create("clear", "Take everything out of the cache.", "cleared of", static cache =>
        {
            DerivedIndexes.Clear(Path.Combine(Path.GetDirectoryName(cache.Folder)!, "advisories"));
            return cache.Clear();
        }),
    };

    private static TeachingCommand Create(string name, string description, string verb, Func<FactCache, (int Layers, long Bytes)> act)
    {
        var command = new TeachingCommand(name, description, $"cbg cache {name}");
        command.SetAction(async (_, cancellationToken) =>
        {
            var folder = FactCache.DefaultFolder() ?? throw new GuardException("CBG9012", GuardFailure.Environment, "There is no home folder for a cache: set XDG_CACHE_HOME to an absolute path.");
            var cache = FactCache.Open(folder) ?? throw new GuardException("CBG9012", GuardFailure.Environment, $"The cache {folder} may be written by others, so it is not used: run `chmod go-w {folder}`, or delete it.");
            try
            {
                var (layers, bytes) = act(cache);
                await ResultOutput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{cache.Folder}: {verb} {layers} layers, {bytes} bytes\n"), null, cancellationToken);
                return ExitCode.Passed;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new GuardException("CBG9012", GuardFailure.Environment, $"The cache {folder} could not be read or cleared: {e.Message.TrimEnd('.')}.", e);
            }
        });
        return command;
    }
}
