namespace ContainerBuildGuard.ContentTrust.Notation;

internal sealed class RevocationChecker(NotationOptions options) : IDisposable
{
    public RevocationMode Mode => options.Revocation;

    public void Dispose()
    {
    }
}
