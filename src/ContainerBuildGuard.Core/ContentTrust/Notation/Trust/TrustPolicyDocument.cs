using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What is validated of a signature, in the specification's words (Notary Project, "Trust Policy", signature verification details).</summary>
internal enum Validation
{
    Integrity,
    Authenticity,
    AuthenticTimestamp,
    Expiry,
    Revocation,
}

/// <summary>What a failed validation means.</summary>
internal enum ValidationAction
{
    Enforce,
    Log,
    Skip,
}

/// <summary>The kinds of trust stores.</summary>
internal enum StoreType
{
    Ca,
    SigningAuthority,
    Tsa,
}

/// <summary>A named store, written <c>ca:acme</c> in a policy.</summary>
internal sealed record StoreName(StoreType Type, string Name)
{
    public static readonly ImmutableDictionary<string, StoreType> Types = new Dictionary<string, StoreType>
    {
        ["ca"] = StoreType.Ca,
        ["signingAuthority"] = StoreType.SigningAuthority,
        ["tsa"] = StoreType.Tsa,
    }.ToImmutableDictionary();

    /// <summary>The type's name in policies and folders.</summary>
    public static string FolderOf(StoreType type) => Types.First(t => t.Value == type).Key;

    public override string ToString() => $"{FolderOf(Type)}:{Name}";
}

/// <summary>One statement of a trust policy: whose signatures count for which repositories, and how much is enforced.</summary>
internal sealed record TrustPolicyStatement
{
    public required string Name { get; init; }

    /// <summary>Repositories as <c>registry/repository</c>; one <c>*</c> for every one.</summary>
    public required ImmutableArray<string> Scopes { get; init; }

    /// <summary>Whether signatures are not looked at (level skip).</summary>
    public bool Skips { get; init; }

    public ImmutableDictionary<Validation, ValidationAction> Actions { get; init; } = Levels["strict"];

    /// <summary>Whether a timestamp is needed always; else only once a certificate has expired.</summary>
    public bool TimestampAlways { get; init; } = true;

    public ImmutableArray<StoreName> Stores { get; init; } = [];

    /// <summary>The identities that count; empty where any of the stores' does.</summary>
    public ImmutableArray<X509Identity> Identities { get; init; } = [];

    /// <summary>What each level enforces.</summary>
    public static ImmutableDictionary<string, ImmutableDictionary<Validation, ValidationAction>> Levels { get; } = new Dictionary<string, ImmutableDictionary<Validation, ValidationAction>>
    {
        ["strict"] = Enforcing(Enum.GetValues<Validation>()),
        ["permissive"] = Enforcing(Validation.Integrity, Validation.Authenticity),
        ["audit"] = Enforcing(Validation.Integrity),
    }.ToImmutableDictionary();

    private static ImmutableDictionary<Validation, ValidationAction> Enforcing(params Validation[] enforced) =>
        Enum.GetValues<Validation>().ToImmutableDictionary(v => v, v => enforced.Contains(v) ? ValidationAction.Enforce : ValidationAction.Log);
}

/// <summary>A trust policy for images (<c>trustpolicy.oci.json</c>).</summary>
internal sealed record TrustPolicyDocument(ImmutableArray<TrustPolicyStatement> Statements)
{
    public const string Everything = "*";

    /// <summary>The statement for a repository: the one that names it, else the global one, else none.</summary>
    public TrustPolicyStatement? Select(string repository) =>
        Statements.FirstOrDefault(s => s.Scopes.Contains(repository)) ?? Statements.FirstOrDefault(s => s.Scopes.Contains(Everything));
}
