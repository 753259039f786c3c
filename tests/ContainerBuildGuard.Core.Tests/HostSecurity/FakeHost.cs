using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>A host made of a few fluent lines.</summary>
internal sealed class FakeHost : IHostProbe
{
    private readonly Dictionary<string, (HostFile File, string Text)> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _denied = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly List<HostProcess> _processes = [new(1, 0, ["/sbin/init"])];
    private bool _processesHidden;

    public bool IsLinux { get; init; } = true;
    public string HomeDirectory => "/home/dev";

    public FakeHost File(string path, string text = "", int mode = 0x1A4, uint uid = 0, uint gid = 0)
    {
        _files[path] = (new(0x8000 | mode, uid, gid), text);
        return this;
    }

    public FakeHost Socket(string path, int mode, uint uid, uint gid)
    {
        _files[path] = (new(0xC000 | mode, uid, gid), "");
        return this;
    }

    public FakeHost Folder(string path, int mode = 0x1ED, uint uid = 0, uint gid = 0)
    {
        _files[path] = (new(0x4000 | mode, uid, gid), "");
        return this;
    }

    public FakeHost Denied(string path)
    {
        _denied.Add(path);
        return this;
    }

    public FakeHost Variable(string name, string value)
    {
        _variables[name] = value;
        return this;
    }

    public FakeHost Process(uint uid, params string[] arguments)
    {
        _processes.Add(new(_processes.Count + 1, uid, [.. arguments]));
        return this;
    }

    public FakeHost HideProcesses()
    {
        _processesHidden = true;
        return this;
    }

    public string? EnvironmentVariable(string name) => _variables.GetValueOrDefault(name);

    public Probed<HostFile> Stat(string path) =>
        _denied.Contains(path) ? Probed<HostFile>.Unreadable($"{path}: permission denied")
        : _files.TryGetValue(path, out var entry) ? entry.File : Probed<HostFile>.Absent;

    public Probed<string> ReadText(string path) =>
        _denied.Contains(path) ? Probed<string>.Unreadable($"{path}: permission denied")
        : _files.TryGetValue(path, out var entry) ? entry.Text : Probed<string>.Absent;

    public Probed<ImmutableArray<string>> List(string path)
    {
        if (_denied.Contains(path))
        {
            return Probed<ImmutableArray<string>>.Unreadable($"{path}: permission denied");
        }

        var names = _files.Keys.Where(k => k.StartsWith(path + "/", StringComparison.Ordinal)).Select(k => k[(path.Length + 1)..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        return names.Length > 0 ? names : Probed<ImmutableArray<string>>.Absent;
    }

    public Probed<ImmutableArray<HostProcess>> Processes() =>
        _processesHidden ? Probed<ImmutableArray<HostProcess>>.Unreadable("processes are hidden") : _processes.ToImmutableArray();

    /// <summary>What one rule says of this host on 2026-11-23.</summary>
    public HostCheckResult Ask(IHostCheck check) => check.Run(new HostContext(this, new DateOnly(2026, 11, 23)));
}
