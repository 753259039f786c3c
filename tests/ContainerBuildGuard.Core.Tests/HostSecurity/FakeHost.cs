using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>A host made of a few fluent lines. It goes through the collector, as a real one does.</summary>
internal sealed class FakeHost : IHostProbe
{
    public const string Home = "/home/dev";
    private readonly Dictionary<string, (HostFile File, string Text)> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _bytes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly HashSet<string> _denied = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _answers = new(StringComparer.Ordinal);
    private readonly List<HostProcess> _processes = [new(1, 0, ["/sbin/init"])];
    private bool _processesHidden;

    public bool IsLinux { get; init; } = true;
    public string Root { get; init; } = "";
    public string HomeDirectory => Home;
    public string WorkingDirectory { get; init; } = "/agent/app";

    public FakeHost File(string path, string text = "", int mode = 0x1A4, uint uid = 0, uint gid = 0, DateTimeOffset modified = default) => Entry(path, 0x8000 | mode, text, uid, gid, modified: modified);

    /// <summary>A file whose content is no text.</summary>
    public FakeHost Bytes(string path, byte[] content)
    {
        _bytes[path] = content;
        return Entry(path, 0x8000 | 0x1A4, "", 0, 0);
    }

    public FakeHost Socket(string path, int mode, uint uid, uint gid) => Entry(path, 0xC000 | mode, "", uid, gid);

    public FakeHost Folder(string path, int mode = 0x1ED, uint uid = 0, uint gid = 0, ulong device = 1) => Entry(path, 0x4000 | mode, "", uid, gid, device);

    public FakeHost Link(string path, string target)
    {
        _links[path] = target;
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

    /// <summary>The user that the audit runs as.</summary>
    public FakeHost User(uint uid, string umask = "0022") => File("/proc/self/status", $"Name:\tcbg\nUmask:\t{umask}\nUid:\t{uid}\t{uid}\t{uid}\t{uid}\nCapBnd:\t00000000a80425fb\n");

    public FakeHost Sysctl(string name, string value) => File("/proc/sys/" + name.Replace('.', '/'), value + "\n");

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

    public FakeHost Answer(string socket, string path, string json)
    {
        _answers[socket + path] = json;
        return this;
    }

    public ImmutableArray<string> EnvironmentVariableNames => [.. _variables.Keys];

    public string? EnvironmentVariable(string name) => _variables.GetValueOrDefault(name);

    public Probed<HostFile> Stat(string path) =>
        _denied.Contains(path) ? Probed<HostFile>.Unreadable($"{path}: permission denied")
        : _files.TryGetValue(path, out var entry) ? entry.File
        : path != "/" && _files.Keys.Any(k => k.StartsWith(path + "/", StringComparison.Ordinal)) ? new HostFile(0x4000 | 0x1ED, 0, 0, 1)
        : path == "/" ? new HostFile(0x4000 | 0x1ED, 0, 0, 1) : Probed<HostFile>.Absent;

    public Probed<string> ReadText(string path, int maxBytes = 4 << 20) =>
        _denied.Contains(path) ? Probed<string>.Unreadable($"{path}: permission denied")
        : _files.TryGetValue(path, out var entry) && entry.File.IsRegular ? entry.Text : Probed<string>.Absent;

    public Probed<ReadOnlyMemory<byte>> ReadBytes(string path, int maxBytes) => ReadText(path).Select<ReadOnlyMemory<byte>>(text => _bytes.TryGetValue(path, out var bytes) ? bytes : System.Text.Encoding.UTF8.GetBytes(text));

    public Probed<ImmutableArray<string>> List(string path)
    {
        if (_denied.Contains(path))
        {
            return Probed<ImmutableArray<string>>.Unreadable($"{path}: permission denied");
        }

        var folder = path.TrimEnd('/') + "/";
        var names = _files.Keys.Concat(_links.Keys).Where(k => k.StartsWith(folder, StringComparison.Ordinal)).Select(k => k[folder.Length..].Split('/')[0]).Distinct().Order(StringComparer.Ordinal).ToImmutableArray();
        return names.Length > 0 ? names : Probed<ImmutableArray<string>>.Absent;
    }

    public Probed<string> ReadLink(string path) => _links.TryGetValue(path, out var target) ? target : Probed<string>.Absent;

    public Probed<ImmutableArray<HostProcess>> Processes() =>
        _processesHidden ? Probed<ImmutableArray<HostProcess>>.Unreadable("processes are hidden") : _processes.ToImmutableArray();

    public Probed<string> AskService(string socket, string pathAndQuery) =>
        _answers.TryGetValue(socket + pathAndQuery, out var answer) ? answer : Probed<string>.Unreadable($"{socket}: no answer to {pathAndQuery}");

    public Task<HostFacts> FactsAsync() => HostCollector.CollectAsync(this, new Clock(), CancellationToken.None);

    /// <summary>What one rule says of this host on 2026-11-23, once its facts have been written and read again.</summary>
    public async Task<HostCheckResult> AskAsync(string code)
    {
        var facts = HostFactsFile.Parse(HostFactsFile.Write(await FactsAsync()), "facts");
        return HostChecks.All.Single(c => c.Rule.Code == code).Ask(facts);
    }

    private FakeHost Entry(string path, int mode, string text, uint uid, uint gid, ulong device = 1, DateTimeOffset modified = default)
    {
        _files[path] = (new(mode, uid, gid, device, modified), text);
        return this;
    }

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    }
}
