using System.Reflection.Metadata;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What a managed assembly says of itself.</summary>
/// <remarks><c>ProductVersion</c>: the informational version, which packages mostly set to their own; empty where absent.</remarks>
internal sealed record AssemblyIdentity(string Name, string AssemblyVersion, string FileVersion, string ProductVersion)
{
    /// <summary>The package's version where the assembly gives it: without the commit behind the plus. Assembly and file versions are other numbers and stand for no package.</summary>
    public string? PackageVersion => ProductVersion.Split('+')[0] is { Length: > 0 } version && NuGet.Versioning.NuGetVersion.TryParse(version, out _) ? version : null;

    /// <summary>The identity; null for files that are no managed assembly.</summary>
    public static AssemblyIdentity? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var image = new AssemblyImage(bytes);
            var pe = image.Reader;
            if (!pe.HasMetadata)
            {
                return null;
            }

            var metadata = pe.GetMetadataReader();
            if (!metadata.IsAssembly)
            {
                return null;
            }

            var definition = metadata.GetAssemblyDefinition();
            var attributes = definition.GetCustomAttributes().Select(h => Text(metadata, metadata.GetCustomAttribute(h))).OfType<(string Name, string Value)>().DistinctBy(a => a.Name).ToDictionary(a => a.Name, a => a.Value);
            return new AssemblyIdentity(
                metadata.GetString(definition.Name),
                definition.Version.ToString(),
                attributes.GetValueOrDefault("AssemblyFileVersionAttribute", ""),
                attributes.GetValueOrDefault("AssemblyInformationalVersionAttribute", ""));
        }
        catch (Exception e) when (e is BadImageFormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            return null;
        }
    }

    public void Save(FactWriter facts)
    {
        facts.Write(Name);
        facts.Write(AssemblyVersion);
        facts.Write(FileVersion);
        facts.Write(ProductVersion);
    }

    public static AssemblyIdentity Load(FactReader facts) => new(facts.ReadText(), facts.ReadText(), facts.ReadText(), facts.ReadText());

    /// <summary>The name and value of an attribute that takes one text.</summary>
    private static (string Name, string Value)? Text(MetadataReader metadata, CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference || metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is not { Kind: HandleKind.TypeReference } parent)
        {
            return null;
        }

        var name = metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Name);
        if (name is not ("AssemblyFileVersionAttribute" or "AssemblyInformationalVersionAttribute"))
        {
            return null;
        }

        var value = metadata.GetBlobReader(attribute.Value);
        return value.ReadUInt16() == 1 && value.ReadSerializedString() is { } text ? (name, text) : null;
    }
}
