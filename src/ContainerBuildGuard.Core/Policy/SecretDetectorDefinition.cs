using System.Collections.Immutable;

namespace ContainerBuildGuard.Policies;

/// <summary>A form of secret that the policy adds to those that the guard knows.</summary>
public sealed record SecretDetectorDefinition
{
    /// <summary>Its id in findings.</summary>
    public required string Name { get; init; }

    /// <summary>What it finds, for people; the name where the policy says nothing.</summary>
    public required string Description { get; init; }

    /// <summary>Literals, one of which occurs in every such secret or just beside it; letter case does not count. At least four characters each.</summary>
    public required ImmutableArray<string> Keywords { get; init; }

    /// <summary>A .NET regular expression without look-around and back-references; its group <c>secret</c>, else the first, else all of it is the secret.</summary>
    public required string Pattern { get; init; }

    /// <summary>Least Shannon entropy of the secret, in bits a character.</summary>
    public double Entropy { get; init; }

    /// <summary>Values that are none, with <c>*</c>.</summary>
    public ImmutableArray<string> Allow { get; init; } = [];
}
