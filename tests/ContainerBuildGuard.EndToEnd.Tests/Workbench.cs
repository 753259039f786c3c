using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>What every scenario shares: the packed products, a registry with the base image, a key pair.</summary>
[TestClass]
public static class Workbench
{
    private static DirectoryInfo? _keys;

    public static PackedProducts Products { get; private set; } = null!;

    public static RegistryServer Registry { get; private set; } = null!;

    public static string PrivateKey => Path.Combine(_keys!.FullName, "test.key");

    public static string PublicKey => Path.Combine(_keys!.FullName, "test.pub");

    public static bool IsAvailable => RegistryServer.IsAvailable && DebianBaseImage.IsAvailable;

    [AssemblyInitialize]
    public static async Task StartAsync(TestContext context)
    {
        _ = context;
        if (!IsAvailable)
        {
            return;
        }

        Products = await PackedProducts.OpenAsync();
        Registry = await RegistryServer.StartAsync();
        await DebianBaseImage.PushAsync(Registry);
        _keys = Directory.CreateTempSubdirectory("cbg-keys-");
        await ProcessRunner.MustAsync(Products.Cbg, "keys", "generate", "--output-key-prefix", Path.Combine(_keys.FullName, "test"));
    }

    [AssemblyCleanup]
    public static async Task StopAsync()
    {
        if (Registry is not null)
        {
            await Registry.DisposeAsync();
        }

        Products?.Dispose();
        _keys?.Delete(recursive: true);
    }

    /// <summary>Skips a scenario whose servers are not on this machine.</summary>
    public static void Require(bool available, string what)
    {
        if (!IsAvailable || !available)
        {
            Assert.Inconclusive($"This machine lacks {(IsAvailable ? what : "docker-registry, skopeo, mmdebstrap, or root")}.");
        }
    }
}
