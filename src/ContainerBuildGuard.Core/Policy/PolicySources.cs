using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Policies;

/// <summary>What a policy says about where images come from and go to.</summary>
public static class PolicySources
{
    /// <summary>How to talk to registries: this process's environment, with the policy's settings.</summary>
    public static RegistryClientOptions RegistryOptions(this Policy policy) => new() { Hosts = policy.Registries, Limits = policy.MetadataLimits };

    /// <summary>How to open images.</summary>
    public static ImageSourceOptions SourceOptions(this Policy policy) => new() { Registry = policy.RegistryOptions(), Limits = policy.MetadataLimits };
}
