using System.Diagnostics;
using System.Text;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>A command under way; both its streams are gathered in order of arrival.</summary>
public sealed class RunningProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _output = new();

    public RunningProcess(string command, IEnumerable<string> arguments, string? folder = null, bool echo = false, IReadOnlyDictionary<string, string?>? environment = null)
    {
        _process = new Process { StartInfo = new ProcessStartInfo(command, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, UseShellExecute = false } };
        _process.StartInfo.WorkingDirectory = folder ?? Environment.CurrentDirectory;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
        {
            _process.StartInfo.Environment[name] = value;
        }

        void Add(object sender, DataReceivedEventArgs e)
        {
            if (e.Data is { } line)
            {
                lock (_output)
                {
                    _output.AppendLine(line);
                }

                if (echo)
                {
                    Console.WriteLine(line);
                }
            }
        }

        _process.OutputDataReceived += Add;
        _process.ErrorDataReceived += Add;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Close();
        Id = _process.Id;
        Ended = EndAsync();
    }

    public int Id { get; }

    /// <summary>The exit code, once the process has ended and everything it printed is in <see cref="Output"/>.</summary>
    public Task<int> Ended { get; }

    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Ends the whole tree of processes.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    public void Dispose() => _process.Dispose();

    private async Task<int> EndAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }
}
