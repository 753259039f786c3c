namespace ContainerBuildGuard.Core.Tests.HostSecurity.Cases;

/// <summary>A host on which a check fails, and one on which it passes.</summary>
internal sealed record HostCase(string Code, FakeHost Bad, FakeHost Good)
{
    public static FakeHost Host(string work = "/agent/app") => new() { WorkingDirectory = work };

    /// <summary>The shape of owner-and-mode checks: the same path with a bit too much, and as it should be.</summary>
    public static HostCase Mode(string code, string path, int good, int excess = 0x2, Func<FakeHost, FakeHost>? with = null)
    {
        with ??= static host => host;
        return new(code, with(Host().File(path, "x", good | excess)), with(Host().File(path, "x", good)));
    }
}
