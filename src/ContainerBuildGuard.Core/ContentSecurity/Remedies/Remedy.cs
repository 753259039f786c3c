using ContainerBuildGuard.Findings;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What to do about one vulnerability: the sentence for people, and the step for programs.</summary>
internal sealed record Remedy(string Text, Fix? Fix);

/// <summary>Finds the shortest way to the fixed version.</summary>
/// <remarks><c>assets</c>: the project that is published; null where the image is all there is. <c>baseImage</c>: the base image's name; empty where nobody knows it.</remarks>
internal sealed class RemedyWriter(ProjectAssets? assets, string baseImage)
{
    public Remedy Write(Package package, Vulnerability vulnerability) => package.Ecosystem switch
    {
        "NuGet" or VersionOrder.DotNet when SharedRuntime.FrameworkOf(package.Name) is not null || package.Name is "dotnet-sdk" || package.Name.Contains("App.Runtime.", StringComparison.Ordinal) => Runtime(package, vulnerability),
        "NuGet" => NuGet(package, vulnerability),
        "npm" or "PyPI" or "Go" or "Maven" => Other(package, vulnerability),
        _ => System(package, vulnerability),
    };

    private Remedy NuGet(Package package, Vulnerability vulnerability)
    {
        if (package.Origin == Origin.Base)
        {
            return Base(vulnerability, $"{package.Name} {vulnerability.FixedVersion}");
        }

        if (vulnerability.FixedVersion is not { } version)
        {
            return new($"No version of {package.Name} is fixed: replace it, or accept it with a waiver that says why.", null);
        }

        var project = assets?.ProjectPath is { Length: > 0 } path ? Path.GetFileName(path) : package.DependencyPath.IsEmpty ? null : $"{package.DependencyPath[0]}.csproj";
        var command = $"dotnet add {(project is null ? "" : $"{(project.Contains(' ', StringComparison.Ordinal) ? $"\"{project}\"" : project)} ")}package {package.Name} --version {version}";
        var fix = new Fix(FixKind.NuGetPackage, package.Name, version, command);
        if (package.DependencyPath.Length <= 2)
        {
            return new($"Run `{command}`{(assets?.IsCentral == true ? $" (or set it in Directory.Packages.props: <PackageVersion Include=\"{package.Name}\" Version=\"{version}\" />)" : "")}.", fix);
        }

        var way = string.Join(" > ", package.DependencyPath);
        var pin = assets?.IsCentral == true ? $"<PackageVersion Include=\"{package.Name}\" Version=\"{version}\" /> in Directory.Packages.props with CentralPackageTransitivePinningEnabled, or `{command}`" : $"`{command}`";
        return new($"It comes by {way}: raise {package.DependencyPath[1].Split('/')[0]} to a version that asks for {version} or later, or pin it with {pin}.", fix);
    }

    private Remedy Runtime(Package package, Vulnerability vulnerability)
    {
        if (package.Origin == Origin.Base)
        {
            return Base(vulnerability, $".NET {vulnerability.FixedVersion}", BaseTags.WithRuntime(baseImage, vulnerability.FixedVersion));
        }

        return vulnerability.FixedVersion is { } version
            ? new($"The app brings .NET {package.Version} along: publish with an SDK whose runtime is {version} or later (or set <RuntimeFrameworkVersion>{version}</RuntimeFrameworkVersion>).", new Fix(FixKind.Sdk, package.Name, version, null))
            : new("No fixed version of .NET is known yet: watch the next servicing release.", null);
    }

    private Remedy System(Package package, Vulnerability vulnerability)
    {
        var name = package.SourceName ?? package.Name;
        if (package.Origin == Origin.Base)
        {
            return Base(vulnerability, $"{name} {vulnerability.FixedVersion}");
        }

        if (vulnerability.FixedVersion is not { } version)
        {
            return new(Unfixed(vulnerability, name), null);
        }

        var command = VersionOrder.For(package.Ecosystem) switch
        {
            var apk when apk == ApkVersion.Compare => $"apk add --no-cache --upgrade {package.Name}",
            var deb when deb == DebianVersion.Compare => $"apt-get update && apt-get install -y --only-upgrade {package.Name}",
            _ => $"{(package.Ecosystem == "Azure Linux" ? "tdnf" : "dnf")} -y update {package.Name}",
        };
        return new($"A layer above the base image installed it: run `{command}` in its build ({name} {version} or later).", new Fix(FixKind.SystemPackage, package.Name, version, command));
    }

    private Remedy Other(Package package, Vulnerability vulnerability) =>
        package.Origin == Origin.Base ? Base(vulnerability, $"{package.Name} {vulnerability.FixedVersion}")
        : vulnerability.FixedVersion is not { } version ? new(Unfixed(vulnerability, package.Name), null)
        : (package.Ecosystem switch
        {
            "npm" => $"npm install {package.Name}@{version}",
            "PyPI" => $"pip install '{package.Name}>={version}'",
            "Go" when package.Name != "stdlib" => $"go get {package.Name}@v{version.TrimStart('v')}",
            _ => null,
        }) is var command && command is not null
            ? new($"Run `{command}` where the app is built.", new Fix(FixKind.OtherPackage, package.Name, version, command))
            : new($"Build it again with {(package.Name == "stdlib" ? $"Go {version}" : $"{package.Name} {version}")} or later.", new Fix(FixKind.OtherPackage, package.Name, version, null));

    /// <summary>One rebuild fixes all that the base has fixed: the step is the same for every finding, so that they group.</summary>
    private Remedy Base(Vulnerability vulnerability, string needed, string? tag = null)
    {
        if (vulnerability.FixedVersion is null)
        {
            return new(Unfixed(vulnerability, needed.Trim()), null);
        }

        var name = baseImage.Length > 0 ? baseImage : "the base image";
        return new(
            tag is null ? $"Rebuild on a newer {name} (one with {needed} or later)." : $"Rebuild on {tag} or later (ContainerBaseImage).",
            new Fix(FixKind.BaseImage, name, tag, baseImage.Length > 0 && assets is not null ? $"dotnet publish {Path.GetFileName(assets.ProjectPath)} /t:PublishContainer -p:ContainerBaseImage={tag ?? baseImage}" : null));
    }

    private static string Unfixed(Vulnerability vulnerability, string name) => vulnerability switch
    {
        { PaidFix: { } paid } => $"The fix ({name} {paid}) is part of Ubuntu Pro only: attach the image's build to Pro, take another base, or waive it.",
        { FixState: FixState.WillNotFix } => $"The maintainers will not fix {name} in this release: take a base image without it, or waive it.",
        { FixState: FixState.EndOfLife } => $"{name} gets no fixes in this release any more: take a base image on a supported release.",
        _ => $"There is no fixed version of {name} yet: take a base image without it, or wait for the fix.",
    };
}
