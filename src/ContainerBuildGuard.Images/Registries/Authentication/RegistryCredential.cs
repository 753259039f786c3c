namespace ContainerBuildGuard.Images;

/// <summary>A user name and password; an identity token where <see cref="UserName"/> is <c>&lt;token&gt;</c>, as Docker writes it. Prints as nothing.</summary>
public sealed record RegistryCredential(string UserName, string Password)
{
    /// <summary>Whether the password is an identity token, which a token server trades for access tokens.</summary>
    public bool IsIdentityToken => UserName == "<token>";

    /// <summary>Whether the password is a Bearer token for the registry itself.</summary>
    public bool IsRegistryToken { get; init; }

    /// <inheritdoc />
    public override string ToString() => "(credential)";
}

/// <summary>What looking for a credential found, and what was in the way.</summary>
internal sealed record CredentialLookup(RegistryCredential? Credential, string? Problem);
