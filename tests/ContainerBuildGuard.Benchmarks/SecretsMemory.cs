using System.Diagnostics;
using System.Globalization;
using ContainerBuildGuard.SecretsManagement;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>What the scan needs above reading: the peak memory of a process that reads files window by window, with the scan and without.</summary>
internal static class SecretsMemory
{
    private const int Window = 1 << 20;
    private const int Overlap = 8 << 10;
    private const long MostBytes = 400L << 20;

    /// <summary>Runs both as processes of their own and prints the difference.</summary>
    public static void Compare(string[] folders)
    {
        var (bare, scan) = (Peak("bare", folders), Peak("scan", folders));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"memory: reading alone {bare >> 20} MiB at its peak, with the scan {scan >> 20} MiB: {(scan - bare) >> 20} MiB above"));
    }

    /// <summary>One of the two processes: prints its peak.</summary>
    public static int Run(string way, string[] folders)
    {
        var scanner = way == "scan" ? new ContentScanner(SecretScanner.Default) : null;
        var buffer = new byte[Window];
        long read = 0;
        var found = 0;
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var path in folders.SelectMany(f => Directory.EnumerateFiles(f, "*", options)).TakeWhile(_ => read < MostBytes))
        {
            using var file = File.OpenRead(path);
            FileContext? context = null;
            var (kept, offset) = (0, 0L);
            while (file.Read(buffer, kept, buffer.Length - kept) is > 0 and var count)
            {
                read += count;
                context ??= ContentScanner.Sniffed(buffer.AsSpan(0, count), new FileContext(path.TrimStart('/'), IsApp: true));
                found += scanner?.Scan(buffer.AsMemory(0, kept + count), context, Math.Max(1, offset)).Count ?? buffer[0];
                offset += count;
                kept = Math.Min(Overlap, kept + count);
                buffer.AsSpan(buffer.Length - kept).CopyTo(buffer);
            }
        }

        using var self = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{self.PeakWorkingSet64} {read} {found}"));
        return 0;
    }

    private static long Peak(string way, string[] folders)
    {
        using var process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["secrets-memory", way, .. folders]) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return long.Parse(output.Split(' ')[0], CultureInfo.InvariantCulture);
    }
}
