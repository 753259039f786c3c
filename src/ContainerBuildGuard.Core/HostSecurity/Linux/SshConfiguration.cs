using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>sshd's configuration as sshd reads it: includes in place, the first value of a keyword wins, Match blocks apart.</summary>
internal sealed class SshConfiguration(HostReader host)
{
    private const int MaxDepth = 16;
    private const int MaxFiles = 256;
    private int _files;

    public Dictionary<string, string> Values { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>What Match blocks set, for some connections only.</summary>
    public List<SshConditional> Conditional { get; } = [];

    public List<string> Problems { get; } = [];

    public void Read(string path, int depth = 0, string? match = null)
    {
        if (depth > MaxDepth || ++_files > MaxFiles)
        {
            Problems.Add($"{path} is not read: too many Include");
            return;
        }

        var text = host.Text(path);
        if (!text.Found)
        {
            Problems.Add(text.Problem ?? $"{path} does not exist");
            return;
        }

        // A Match block ends with the file that holds it.
        foreach (var line in text.Value.Split('\n', StringSplitOptions.TrimEntries))
        {
            var end = line.AsSpan().IndexOfAny([' ', '\t', '=']);
            if (line is [] or ['#', ..] || end < 0)
            {
                continue;
            }

            var keyword = line[..end];
            var value = line[end..].TrimStart(' ', '\t', '=').Trim('"');
            if (keyword.Equals("Match", StringComparison.OrdinalIgnoreCase))
            {
                match = value.Equals("all", StringComparison.OrdinalIgnoreCase) ? null : value;
            }
            else if (keyword.Equals("Include", StringComparison.OrdinalIgnoreCase))
            {
                foreach (var file in value.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries).SelectMany(pattern => Expand(pattern.Trim('"'))))
                {
                    Read(file, depth + 1, match);
                }
            }
            else if (match is null)
            {
                Values.TryAdd(keyword, value);
            }
            else
            {
                Conditional.Add(new(match, keyword, value));
            }
        }
    }

    private IEnumerable<string> Expand(string pattern) => host.Expand(pattern.StartsWith('/') ? pattern : $"/etc/ssh/{pattern}", Problems);
}
