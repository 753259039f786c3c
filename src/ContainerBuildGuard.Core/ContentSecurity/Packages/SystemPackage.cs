using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A package as a database inside the image names it; its version in the form that the ecosystem compares.</summary>
internal sealed record SystemPackage(string Name, string Version)
{
    public string Architecture { get; init; } = "";

    /// <summary>What advisories of the distribution speak of, where that is not the package itself.</summary>
    public string? SourceName { get; init; }
    public string? SourceVersion { get; init; }

    public string? License { get; init; }

    /// <summary>The RPM module that it is from.</summary>
    public string Module { get; init; } = "";

    /// <summary>Nothing of it but documentation is in the image.</summary>
    public bool IsDocumentation { get; init; }

    public void Save(FactWriter facts)
    {
        facts.Write(Name);
        facts.Write(Version);
        facts.Write(Architecture);
        facts.Write(SourceName);
        facts.Write(SourceVersion);
        facts.Write(License);
        facts.Write(Module);
        facts.Write(IsDocumentation);
    }

    public static SystemPackage Load(FactReader facts) => new(facts.ReadText(), facts.ReadText())
    {
        Architecture = facts.ReadText(),
        SourceName = facts.ReadString(),
        SourceVersion = facts.ReadString(),
        License = facts.ReadString(),
        Module = facts.ReadText(),
        IsDocumentation = facts.ReadBoolean(),
    };
}

/// <summary>What one file of packages held, and what in it could not be understood: the rest still counts.</summary>
internal sealed record Catalogue(List<SystemPackage> Packages, List<string> Problems)
{
    /// <summary>The version of what <see cref="Save"/> writes; part of every observer's version that saves one.</summary>
    public const string Format = "c2";

    public Catalogue()
        : this([], [])
    {
    }

    public void Save(FactWriter facts)
    {
        facts.WriteList(Packages, static (w, p) => p.Save(w));
        facts.WriteList(Problems, static (w, p) => w.Write(p));
    }

    public static Catalogue Load(FactReader facts) => new(facts.ReadList(SystemPackage.Load), facts.ReadList(static r => r.ReadText()));
}
