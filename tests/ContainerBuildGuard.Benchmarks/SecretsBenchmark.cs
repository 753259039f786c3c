using System.Diagnostics;
using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using ContainerBuildGuard.SecretsManagement;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>MB/s a core of the secret scan over real files, beside a bare pass over memory and peers; and inputs that are made to be slow.</summary>
internal static class SecretsBenchmark
{
    private const int MostBytes = 400 << 20;

    public static int Run(string[] args)
    {
        if (args is ["--hard", ..])
        {
            MeasureHard(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 100);
            return 0;
        }

        var peer = Array.IndexOf(args, "--peer") is >= 0 and var at ? args[at + 1] : null;
        string[] folders = [.. args.TakeWhile(a => a != "--peer")];
        var files = Load(folders.Length > 0 ? folders : ["/usr/lib", "/usr/share", "/usr/bin", "/etc"]);
        Console.WriteLine($"{files.Count} files, {files.Sum(f => (long)f.Bytes.Length) >> 20} MB");
        foreach (var (name, some) in new[] { ("all", files), ("binaries", files.FindAll(f => f.File.IsBinary)), ("text", files.FindAll(f => !f.File.IsBinary)) })
        {
            var bytes = some.Sum(f => (long)f.Bytes.Length);
            if (bytes == 0)
            {
                continue;
            }

            var memory = Measure(() => some.Sum(f => Sum(f.Bytes)));
            var keywords = Measure(() => some.Sum(f => SecretScanner.Default.CountKeywords(f.Bytes, f.File with { IsApp = false })));
            var whole = Measure(() => some.Sum(f => (long)Scan(f.Bytes, f.File with { IsApp = false })));
            var app = Measure(() => some.Sum(f => (long)Scan(f.Bytes, f.File)));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-9} memory {Rate(bytes, memory),6:F0}  keywords {Rate(bytes, keywords),6:F0}  whole scan as base {Rate(bytes, whole),6:F0}  as app {Rate(bytes, app),6:F0} MB/s   whole/memory {memory / whole:P1}"));
        }

        MeasureHard(100);
        SecretsMemory.Compare(folders.Length > 0 ? folders : ["/usr/lib", "/usr/share", "/usr/bin", "/etc"]);
        if (peer is not null)
        {
            var clock = Stopwatch.StartNew();
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"{peer} >/dev/null 2>&1"]))!;
            process.WaitForExit();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peer: {files.Sum(f => (long)f.Bytes.Length) / 1e6 / clock.Elapsed.TotalSeconds:F1} MB/s ({peer})"));
        }

        return 0;
    }

    /// <summary>Inputs that are made to be slow, a tenth of them and all: what is linear has the same rate for both.</summary>
    private static void MeasureHard(int megabytes)
    {
        foreach (var (name, bytes, path) in Hard(megabytes * 1_000_000))
        {
            var file = ContentScanner.Sniffed(bytes, new FileContext(path, IsApp: true));
            var (tenth, _) = Time(bytes[..(bytes.Length / 10)]);
            var (whole, found) = Time(bytes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{megabytes} MB of {name,-28} {Rate(bytes.Length, whole),7:F0} MB/s, a tenth of it {Rate(bytes.Length / 10, tenth),7:F0} MB/s, {found} found"));

            (double Seconds, int Found) Time(byte[] some)
            {
                var clock = Stopwatch.StartNew();
                return (Scan(some, file) is var count ? clock.Elapsed.TotalSeconds : 0, count);
            }
        }
    }

    private static List<(byte[] Bytes, FileContext File)> Load(string[] folders)
    {
        var files = new List<(byte[], FileContext)>();
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var folder in folders)
        {
            long bytes = 0;
            foreach (var path in Directory.EnumerateFiles(folder, "*", options).Where(p => new FileInfo(p).Length is > 0 and < 64 << 20))
            {
                var content = File.ReadAllBytes(path);
                files.Add((content, ContentScanner.Sniffed(content, new FileContext(path.TrimStart('/'), IsApp: true))));
                if ((bytes += content.Length) > MostBytes / folders.Length)
                {
                    break;
                }
            }
        }

        return files;
    }

    private static int Scan(byte[] bytes, FileContext file)
    {
        const int Window = 1 << 20;
        const int Overlap = 8 << 10;
        var (scanner, found) = (new ContentScanner(SecretScanner.Default), 0);
        for (var offset = 0; offset < bytes.Length; offset += Window - Overlap)
        {
            found += scanner.Scan(bytes.AsMemory(offset, Math.Min(Window, bytes.Length - offset)), file, Math.Max(1, offset)).Count;
        }

        return found;
    }

    private static IEnumerable<(string Name, byte[] Bytes, string Path)> Hard(int size)
    {
        var bytes = new byte[size];
        yield return ("zeros", bytes, "a.bin");
        foreach (var (text, path) in new[]
        {
            ("A", "a.txt"), ("\"", "a.json"), ("\"", "a.cs"), ("\\", "a.json"), ("\\", "a.cs"), ("=", "a.ini"), ("=", "a.cs"), ("password", "a.txt"), ("password=", "a.json"), ("password=", "a.txt"), ("password=", "a.ini"), ("password=", "a.cs"), ("password=\"", "a.cs"), ("Password=x;", "a.json"),
            ("ghp_ AKIA sk_live_ eyJ ", "a.txt"), ("eyJabcdefghijkl.", "a.txt"), ("://user:x@", "a.txt"), ("-----BEGIN PRIVATE KEY-----", "a.txt"), ("password,", "a.csv"), ("password,", "a.cs"), ("password(", "a.cs"), ("id,password,token\n", "a.csv"),
            ("(a,password,token)values(", "a.sql"), ("\"token\":\"x\",", "a.json"), ("kind: Secret\n", "a.yaml"), ("mnemonic ", "a.txt"), ("login(", "a.cs"), (Random(), "a.txt"),
        })
        {
            Fill(bytes, text);
            yield return ($"{(text.Length > 40 ? "base64" : text.ReplaceLineEndings("\\n"))} in {path}", bytes, path);
        }

        static string Random() => Convert.ToBase64String(Enumerable.Range(0, 3 << 20).Select(i => (byte)(BitOperations.RotateLeft((uint)i * 2654435761u, 7) >> 5)).ToArray());
    }

    private static void Fill(byte[] bytes, string text)
    {
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)text[i % text.Length];
        }
    }

    private static long Sum(byte[] bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(bytes);
        var sum = Vector<ulong>.Zero;
        foreach (var vector in vectors)
        {
            sum += vector;
        }

        return (long)(sum[0] & 0xFFFF);
    }

    private static double Measure(Func<long> work)
    {
        work();
        var times = new double[3];
        for (var i = 0; i < times.Length; i++)
        {
            var clock = Stopwatch.StartNew();
            work();
            times[i] = clock.Elapsed.TotalSeconds;
        }

        Array.Sort(times);
        return times[1];
    }

    private static double Rate(long bytes, double seconds) => bytes / 1e6 / seconds;
}
