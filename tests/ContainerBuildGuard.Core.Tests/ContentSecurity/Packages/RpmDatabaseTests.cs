using System.Buffers.Binary;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.SystemPackages;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>rpm databases: written by rpm itself where it can, put together by the format where it cannot.</summary>
[TestClass]
public sealed class RpmDatabaseTests
{
    private static readonly SemaphoreSlim Once = new(1);
    private static Task<string?>? _packages;

    public TestContext TestContext { get; set; } = null!;

    [ClassCleanup]
    public static async Task CleanAsync()
    {
        if (_packages is not null && await _packages is { } folder)
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestMethod]
    public async Task A_database_that_rpm_wrote_lists_what_rpm_lists()
    {
        const string Backend = "sqlite";
        var root = await InstallAsync(Backend);
        try
        {
            var database = Path.Combine(root, "db");
            var expected = (await RpmAsync(Backend, database, "-qa", "--qf", "%{NAME} %{EPOCHNUM} %{VERSION}-%{RELEASE} %{ARCH} %{SOURCERPM} %{LICENSE}\\n")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).ToList();
            Assert.HasCount(21, expected);
            var files = Directory.GetFiles(database).ToDictionary(f => Path.GetFileName(f), File.ReadAllBytes);
            Assert.IsTrue(files.ContainsKey("rpmdb.sqlite"), string.Join(' ', files.Keys));
            var packages = await ReadAsync(files);
            CollectionAssert.AreEqual(expected, packages.Packages.Select(p => $"{p.Name} {Epoch(p.Version)} {p.Version[(p.Version.IndexOf(':', StringComparison.Ordinal) + 1)..]} x86_64 {p.SourceName}-{p.SourceVersion![(p.SourceVersion!.IndexOf(':', StringComparison.Ordinal) + 1)..]}.src.rpm {p.License}").Order(StringComparer.Ordinal).ToList());
            Assert.IsEmpty(packages.Gaps);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [TestMethod]
    public async Task What_only_the_write_ahead_log_knows_is_installed_too()
    {
        var root = await InstallAsync("sqlite");
        try
        {
            var database = Path.Combine(root, "db", "rpmdb.sqlite");
            var before = await File.ReadAllBytesAsync(database, TestContext.CancellationToken);
            // A writer that leaves without a checkpoint, as an interrupted image build does.
            const string Script = """
                import sqlite3, os, sys
                c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=WAL'); c.execute('PRAGMA wal_autocheckpoint=0')
                blob = c.execute('SELECT blob FROM Packages ORDER BY hnum LIMIT 1').fetchone()[0]
                for i in range(3): c.execute('INSERT INTO Packages(blob) VALUES(?)', (blob.replace(b'pkg', b'wal'),))
                c.commit(); os._exit(0)
                """;
            var run = ProcessRunner.Exists("python3") ? await ProcessRunner.RunAsync("python3", ["-c", Script, database]) : new ProcessResult(1, "no python3");
            if (run.ExitCode != 0)
            {
                Assert.Inconclusive($"This machine has no Python with sqlite3 to leave a write-ahead log: {run.Output}");
            }

            var log = await File.ReadAllBytesAsync(database + "-wal", TestContext.CancellationToken);
            Assert.IsNotEmpty(log);
            var main = await File.ReadAllBytesAsync(database, TestContext.CancellationToken);
            var with = await ReadAsync(new() { ["rpmdb.sqlite"] = main, ["rpmdb.sqlite-wal"] = log });
            Assert.IsEmpty(with.Gaps);
            Assert.IsTrue(with.Packages.Exists(p => p.Name.StartsWith("wal", StringComparison.Ordinal)), "the log was not read");
            Assert.HasCount(21, (await ReadAsync(new() { ["rpmdb.sqlite"] = main })).Packages);

            // The log's last frame is half written: what was committed before still counts.
            Assert.HasCount(21, (await ReadAsync(new() { ["rpmdb.sqlite"] = before, ["rpmdb.sqlite-wal"] = log[..(32 + 24 + 100)] })).Packages);
            Assert.IsNotEmpty((await ReadAsync(new() { ["rpmdb.sqlite-wal"] = log })).Gaps);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [TestMethod]
    public async Task A_damaged_database_is_a_gap_and_never_a_crash()
    {
        var root = await InstallAsync("sqlite");
        try
        {
            var good = await File.ReadAllBytesAsync(Path.Combine(root, "db", "rpmdb.sqlite"), TestContext.CancellationToken);
            var random = new Random(11);
            for (var round = 0; round < 60; round++)
            {
                var bad = (byte[])good.Clone();
                for (var i = 0; i < 40; i++)
                {
                    bad[random.Next(100, bad.Length)] = (byte)random.Next(256);
                }

                // Whatever it says, it ends, and a database without one readable package says so.
                var isCut = round % 2 == 1;
                var result = await ReadAsync(new() { ["rpmdb.sqlite"] = isCut ? good[..random.Next(good.Length)] : bad });
                Assert.IsTrue(result.Packages.Count > 0 || result.Gaps.Count > 0);
                Assert.IsTrue(!isCut || result.Packages.Count == 21 || result.Gaps.Count > 0, $"cut, and {result.Packages.Count} of 21 packages without a word");
            }
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_Berkeley_database_is_read_in_either_byte_order(bool bigEndian)
    {
        var small = RpmFiles.Header("small", "1.0", "1.el7", epoch: 0);
        var large = RpmFiles.Header("large", "2.0", "3.el7", epoch: 4, padding: 9000);
        var result = await ReadAsync(new() { ["Packages"] = Berkeley(bigEndian, small, large) });
        CollectionAssert.AreEquivalent(new[] { ("small", "1.0-1.el7"), ("large", "4:2.0-3.el7") }, result.Packages.ConvertAll(p => (p.Name, p.Version)));
        Assert.IsEmpty(result.Gaps);
        var cut = Berkeley(bigEndian, small, large)[..(4096 * 3)];
        Assert.IsNotEmpty((await ReadAsync(new() { ["Packages"] = cut })).Gaps);
        // Cut where a page ends, so that what is left is whole.
        Assert.IsNotEmpty((await ReadAsync(new() { ["Packages"] = Berkeley(bigEndian, small, small)[..4096] })).Gaps);
    }

    [TestMethod]
    public async Task Slots_that_all_lead_to_one_large_package_are_refused()
    {
        var database = RpmFiles.Ndb(RpmFiles.Header("one", "1.0", "1", epoch: 0, padding: 1 << 20));
        for (var slot = 3; slot < 256; slot++)
        {
            database.AsSpan(32, 16).CopyTo(database.AsSpan(slot * 16));
        }

        var result = await ReadAsync(new() { ["Packages.db"] = database });
        Assert.Contains("more bytes than the file has", result.Gaps[^1].Reason);
    }

    [TestMethod]
    public async Task An_ndb_database_is_read_by_its_slots()
    {
        var database = RpmFiles.Ndb(RpmFiles.Header("one", "1.0", "1", epoch: 0), RpmFiles.Header("two", "2.0", "1", epoch: 1, padding: 6000));
        var result = await ReadAsync(new() { ["Packages.db"] = database });
        CollectionAssert.AreEqual(new[] { ("one", "1.0-1"), ("two", "1:2.0-1") }, result.Packages.ConvertAll(p => (p.Name, p.Version)));
        Assert.IsEmpty(result.Gaps);
        Assert.IsNotEmpty((await ReadAsync(new() { ["Packages.db"] = database[..6000] })).Gaps);
        database[4096 + 4] ^= 1;
        Assert.IsNotEmpty((await ReadAsync(new() { ["Packages.db"] = database })).Gaps);
    }

    [TestMethod]
    [DataRow("Packages")]
    [DataRow("rpmdb.sqlite")]
    public async Task A_file_of_no_known_backend_is_a_gap(string name)
    {
        var result = await ReadAsync(new() { [name] = new byte[8192] });
        Assert.IsNotEmpty(result.Gaps);
        Assert.IsEmpty(result.Packages);
    }

    [TestMethod]
    [DataRow(0)]
    [DataRow(4)]
    [DataRow(20)]
    public void A_header_that_is_cut_is_refused(int length) => Assert.ThrowsExactly<InvalidDataException>(() => RpmHeader.Parse(RpmFiles.Header("a", "1", "1", 0).AsSpan(0, length)));

    [TestMethod]
    public void Keys_that_rpm_keeps_among_packages_are_none() => Assert.IsNull(RpmHeader.Parse(RpmFiles.Header("gpg-pubkey", "1", "1", 0)));

    private static string Epoch(string version) => version.Contains(':', StringComparison.Ordinal) ? version.Split(':')[0] : "0";

    private async Task<(List<Package> Packages, List<Inspection.Gap> Gaps)> ReadAsync(Dictionary<string, byte[]> files)
    {
        var image = new ImageBuilder().Layer(l =>
        {
            l.File("etc/os-release", "ID=almalinux\nVERSION_ID=9.4\n");
            foreach (var (name, content) in files)
            {
                l.File($"var/lib/rpm/{name}", content);
            }
        });
        var result = await ContentCheck.RunAsync(image, null, new(), TestContext.CancellationToken);
        return ([.. result.Packages], [.. result.Gaps]);
    }

    /// <summary>A root with 20 small packages and one whose header spans pages, installed by rpm.</summary>
    private static async Task<string> InstallAsync(string backend)
    {
        await Once.WaitAsync();
        try
        {
            _packages ??= BuildAsync();
        }
        finally
        {
            Once.Release();
        }

        if (await _packages is not { } packages)
        {
            Assert.Inconclusive("This machine has no rpmbuild to make packages with.");
            return "";
        }

        var root = Directory.CreateTempSubdirectory("cbg-rpm-").FullName;
        var run = await ProcessRunner.RunAsync("rpm", ["--define", $"_db_backend {backend}", "--dbpath", Path.Combine(root, "db"), "--root", "/", "--justdb", "--nodeps", "--noscripts", "--ignorearch", "--nosignature", "-i", .. Directory.GetFiles(packages, "*.rpm", SearchOption.AllDirectories)]);
        if (run.ExitCode != 0)
        {
            Directory.Delete(root, recursive: true);
            Assert.Inconclusive($"rpm cannot write the backend {backend} here: {run.Output}");
        }

        return root;
    }

    private static async Task<string?> BuildAsync()
    {
        if (!ProcessRunner.Exists("rpmbuild"))
        {
            return null;
        }

        var folder = Directory.CreateTempSubdirectory("cbg-rpmbuild-").FullName;
        var spec = new StringBuilder("Name: pkg0\nVersion: 1.0\nRelease: 1.el9\nEpoch: 2\nSummary: a test\nLicense: MIT\n%description\nA test.\n%files\n");
        for (var i = 1; i <= 20; i++)
        {
            spec.Append(System.Globalization.CultureInfo.InvariantCulture, $"%package -n pkg{i}\nSummary: part\nVersion: {i}.1~rc1\n{(i == 20 ? string.Concat(Enumerable.Range(0, 2000).Select(n => $"Provides: capability-number-{n} = {n}\n")) : "")}%description -n pkg{i}\nA part.\n%files -n pkg{i}\n");
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "pkg.spec"), spec.ToString());
        var run = await ProcessRunner.RunAsync("rpmbuild", ["-bb", "--quiet", "--target", "x86_64", "--define", $"_topdir {folder}/build", Path.Combine(folder, "pkg.spec")]);
        return run.ExitCode == 0 ? folder : throw new InvalidOperationException(run.Output);
    }

    private static async Task<string> RpmAsync(string backend, string database, params string[] arguments) =>
        await ProcessRunner.MustAsync("rpm", ["--define", $"_db_backend {backend}", "--dbpath", database, .. arguments]);

    /// <summary>A hash file of Berkeley DB: the heading, one hash page with a counter, a small and a large value, and the large one's overflow pages.</summary>
    private static byte[] Berkeley(bool bigEndian, byte[] small, byte[] large)
    {
        const int Page = 4096, Head = 26;
        var chain = large.Chunk(Page - Head).ToList();
        var file = new byte[Page * (2 + chain.Count)];
        void U32(int at, uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(at), bigEndian ? BinaryPrimitives.ReverseEndianness(value) : value);
        }

        void U16(int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at), bigEndian ? BinaryPrimitives.ReverseEndianness((ushort)value) : (ushort)value);
        U32(12, 0x061561);
        U32(20, Page);
        U32(32, (uint)(file.Length / Page) - 1);
        file[25] = 8;
        var overflow = new byte[12];
        overflow[0] = 3;
        BinaryPrimitives.WriteUInt32LittleEndian(overflow.AsSpan(4), bigEndian ? BinaryPrimitives.ReverseEndianness(2u) : 2u);
        BinaryPrimitives.WriteUInt32LittleEndian(overflow.AsSpan(8), bigEndian ? BinaryPrimitives.ReverseEndianness((uint)large.Length) : (uint)large.Length);
        byte[][] items = [[1, 0, 0, 0, 0], [1, 9, 0, 0, 0], [1, 1, 0, 0, 0], [1, .. small], [1, 2, 0, 0, 0], overflow];
        var end = Page;
        for (var i = 0; i < items.Length; i++)
        {
            end -= items[i].Length;
            items[i].CopyTo(file, Page + end);
            U16(Page + Head + (i * 2), end);
        }

        U16(Page + 20, items.Length);
        file[Page + 25] = 13;
        for (var i = 0; i < chain.Count; i++)
        {
            var at = Page * (2 + i);
            U32(at + 16, i + 1 < chain.Count ? (uint)(3 + i) : 0);
            U16(at + 22, chain[i].Length);
            file[at + 25] = 7;
            chain[i].CopyTo(file, at + Head);
        }

        return file;
    }
}
