namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A credential that its service can be asked about. Lives in memory between the scan and the question; prints as its service alone.</summary>
/// <param name="Service">Whose it is.</param>
/// <param name="Token">The token; of a pair, the part that names the other.</param>
/// <param name="Secret">The secret part of a pair; empty where there is none.</param>
internal sealed record LiveCredential(LiveService Service, string Token, string Secret = "")
{
    public override string ToString() => $"a credential of {Service.Name}";
}
