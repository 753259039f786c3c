using System.Collections.Immutable;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>A mounted image or chroot: paths and links are those of the folder, and none leads out of it.</summary>
public sealed class RootedHostProbe(string root) : IHostProbe
{
    private const int MaxLinks = 40;
    private readonly LocalHostProbe _files = new();

    public bool IsLinux => OperatingSystem.IsLinux();

    public string Root { get; } = Path.GetFullPath(root).TrimEnd('/');

    public string HomeDirectory => "/root";

    public string WorkingDirectory => "";

    public ImmutableArray<string> EnvironmentVariableNames => [];

    public string? EnvironmentVariable(string name) => null;

    public Probed<HostFile> Stat(string path) => At(path, _files.Stat);

    public Probed<string> ReadText(string path, int maxBytes = 4 << 20) => At(path, inside => _files.ReadText(inside, maxBytes));

    public Probed<ReadOnlyMemory<byte>> ReadBytes(string path, int maxBytes) => At(path, inside => _files.ReadBytes(inside, maxBytes));

    public Probed<ImmutableArray<string>> List(string path) => At(path, _files.List);

    public Probed<string> ReadLink(string path)
    {
        var slash = path.TrimEnd('/').LastIndexOf('/');
        return At(path[..Math.Max(slash, 1)], folder => _files.ReadLink($"{folder}/{path[(slash + 1)..]}"));
    }

    public Probed<ImmutableArray<HostProcess>> Processes() => ImmutableArray<HostProcess>.Empty;

    public Probed<string> AskService(string socket, string pathAndQuery) => Probed<string>.Absent;

    private Probed<T> At<T>(string path, Func<string, Probed<T>> read)
    {
        var resolved = Resolve(path);
        var answer = resolved.Found ? read(resolved.Value) : resolved.Select<T>(_ => default!);
        return answer.Problem is { } problem ? Probed<T>.Unreadable(problem.Replace(Root + "/", "/", StringComparison.Ordinal)) : answer;
    }

    /// <summary>The path on this machine, every link on the way taken as the folder's own root would take it.</summary>
    private Probed<string> Resolve(string path)
    {
        var left = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = new List<string>();
        var links = 0;
        while (left.TryPop(out var name))
        {
            if (name == ".")
            {
                continue;
            }

            if (name == "..")
            {
                done.RemoveRange(Math.Max(0, done.Count - 1), Math.Min(1, done.Count));
                continue;
            }

            var target = _files.ReadLink($"{Root}/{string.Join('/', done.Append(name))}");
            if (!target.Found)
            {
                done.Add(name);
                continue;
            }

            if (++links > MaxLinks)
            {
                return Probed<string>.Unreadable($"{path}: too many levels of symbolic links");
            }

            if (target.Value.StartsWith('/'))
            {
                done.Clear();
            }

            foreach (var part in target.Value.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
            {
                left.Push(part);
            }
        }

        return $"{Root}/{string.Join('/', done)}";
    }
}
