using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Everything that was found in an image, and what could not be understood.</summary>
internal sealed record Inventory
{
    public OperatingSystemRelease? Release { get; init; }
    public List<Package> Packages { get; } = [];
    public List<Gap> Gaps { get; } = [];

    /// <summary>Whether the app in the image says itself which packages it is made of (a dependency file, a bundle).</summary>
    public bool ListsApp { get; set; }

    /// <summary>Native AOT programs: compiled code whose packages nobody can read back.</summary>
    public List<LayerEntry> Opaque { get; } = [];
}

/// <summary>Gathers the packages of an image from every database and manifest that the guard reads.</summary>
internal sealed class PackageInventory
{
    private readonly SystemInventory _system = new();
    private readonly DotNetInventory _dotnet = new();
    private readonly LanguageInventory _languages = new();

    public IEnumerable<ILayerObserver> Observers => [.. _system.Observers, .. _dotnet.Observers, .. _languages.Observers];

    public Inventory Read(ImageInspection inspection)
    {
        var inventory = new Inventory { Release = _system.Release(inspection) };
        _system.Read(inspection, inventory);
        _dotnet.Read(inspection, inventory);
        _languages.Read(inspection, inventory);
        return inventory;
    }
}
