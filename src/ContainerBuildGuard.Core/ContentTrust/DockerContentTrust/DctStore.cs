using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>
/// Trust data of one repository on this machine, laid out as the docker client's own store: <c>REGISTRY/REPOSITORY/metadata/ROLE.json</c>. What the docker client trusts already is
/// read where nothing is stored yet, and never written. The store remembers root keys and versions: without it nothing would keep an old state from being served again.
/// </summary>
internal sealed class DctStore
{
    private const int MaxBytes = 64 << 20;
    private readonly string _folder;
    private readonly string _own;
    private readonly string? _docker;

    /// <param name="repository">The repository, <c>registry/repository</c>.</param>
    /// <param name="folder">The store; null for the user's own.</param>
    /// <param name="environment">The environment, which names folders.</param>
    /// <exception cref="GuardException">CBG3035: others may write to the store.</exception>
    public DctStore(string repository, string? folder, Func<string, string?> environment)
    {
        _folder = folder ??= Path.Combine(SigstoreInstance.CacheFolder, "docker-content-trust");
        _own = Metadata(folder, repository);
        _docker = File.Exists(Path.Combine(_own, "root.json")) || DctEnvironment.DockerFolder(environment) is not { } docker ? null : Metadata(Path.Combine(docker, "trust", "tuf"), repository);
        const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
        if (!OperatingSystem.IsWindows() && Directory.Exists(folder) && (File.GetUnixFileMode(folder) & Others) != 0)
        {
            throw Failure($"The trust store '{folder}' can be written by others: what they put there must not be believed; take their write permission away", null);
        }
    }

    /// <summary>Where it reads, for people.</summary>
    public string Folder => _docker ?? _own;

    /// <summary>The metadata of a role as it was trusted last; null where there is none.</summary>
    /// <exception cref="GuardException">CBG3035: it is there and cannot be read.</exception>
    public byte[]? Read(string role)
    {
        var file = PathOf(Folder, role);
        try
        {
            return new FileInfo(file) switch
            {
                { Exists: false } => null,
                { Length: > MaxBytes } => throw Failure($"'{file}' in the trust store has more than {MaxBytes} bytes: remove it", null),
                _ => File.ReadAllBytes(file),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failure($"The trust store cannot be read ({e.Message.TrimEnd('.')}): check its permissions", e);
        }
    }

    /// <summary>Writes the metadata of a role whole or not at all.</summary>
    /// <exception cref="GuardException">CBG3035: the store cannot be written.</exception>
    public void Write(string role, byte[] bytes)
    {
        var file = PathOf(_own, role);
        var beside = $"{file}.{Guid.NewGuid():N}.part";
        try
        {
            MakeFolder(_folder);
            MakeFolder(Path.GetDirectoryName(file)!);
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var stream = new FileStream(beside, options))
            {
                stream.Write(bytes);
            }

            File.Move(beside, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(beside))
            {
                File.Delete(beside);
            }

            throw Failure($"The trust store cannot be written ({e.Message.TrimEnd('.')}), and without it an older state could be served unnoticed: make its folder writable, or name another in CONTAINERBUILDGUARD_TRUST", e);
        }
    }

    /// <summary>The user's alone; what lies inside is so for that reason.</summary>
    private static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    /// <summary>A colon of a port is none of Windows' file names.</summary>
    private static string Metadata(string folder, string repository) =>
        Path.Combine([folder, .. (OperatingSystem.IsWindows() ? repository.Replace(':', '_') : repository).Split('/'), "metadata"]);

    private static string PathOf(string metadata, string role) => Path.Combine([metadata, .. $"{role}.json".Split('/')]);

    private static GuardException Failure(string what, Exception? inner) => new(DctRules.Unavailable.Code, GuardFailure.Environment, $"{what}.", inner);
}
