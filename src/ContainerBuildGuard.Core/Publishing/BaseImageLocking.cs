using ContainerBuildGuard.ContentTrust.BaseImages;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>What the project says about the lock file of base images.</summary>
/// <param name="Keep">Whether accepted bases are written into it (ContainerBuildGuardLockBaseImages, or the policy's <c>base-images: lock</c>).</param>
/// <param name="Enforce">Whether only what it says may be built on (ContainerBuildGuardLockedMode); it is not written then.</param>
public sealed record BaseImageLocking(bool Keep = false, bool Enforce = false)
{
    /// <exception cref="Findings.GuardException">The file is no lock file, or cannot be read.</exception>
    internal BaseImageLockView View(Policy policy, string projectFile, string framework)
    {
        var (path, key) = (Path.Combine(Path.GetDirectoryName(projectFile)!, BaseImageLock.FileName), BaseImageLock.KeyOf(projectFile, framework));
        var isOn = Keep || Enforce || policy.BaseImages.Lock;
        return new BaseImageLockView(path, key, isOn ? BaseImageLock.Read(path).GetValueOrDefault(key) : null, isOn, Enforce);
    }
}
