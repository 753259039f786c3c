using System.Runtime.InteropServices;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>Finds the native module that a key's URI asks for.</summary>
internal static class ModuleFile
{
    private const string Variable = "COSIGN_PKCS11_MODULE_PATH";

    /// <summary>Where distributions keep modules; a bare name is looked for nowhere else, least of all in the working folder.</summary>
    private static IEnumerable<string> Folders => OperatingSystem.IsWindows()
        ? [Environment.SystemDirectory]
        : OperatingSystem.IsMacOS() ? ["/Library/OpenSC/lib", "/opt/homebrew/lib", "/opt/homebrew/lib/softhsm", "/usr/local/lib", "/usr/local/lib/softhsm"]
        : from lib in (string[])[$"/usr/lib/{Triplet}", "/usr/lib64", "/usr/lib", "/usr/local/lib"] from part in (string[])["pkcs11", "", "softhsm"] select Path.Combine(lib, part);

    private static string Triplet => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "aarch64-linux-gnu" : "x86_64-linux-gnu";

    /// <exception cref="KeyException">None is named, or it is not there.</exception>
    public static string Find(Pkcs11Uri uri, Func<string, string?> environment)
    {
        var path = uri.ModulePath ?? (uri.ModuleName is null ? environment(Variable) : null);
        if (string.IsNullOrEmpty(path))
        {
            return uri.ModuleName is not { Length: > 0 } name
                ? throw new KeyException($"The key '{uri.Name}' does not say which PKCS#11 module reaches it: name it behind a '?', module-path=FILE or module-name=NAME, or in {Variable}.")
                : Named(name, Folders, uri) ?? throw new KeyException($"No PKCS#11 module '{name}' is in {string.Join(", ", Folders)}: name its file with module-path.");
        }

        if (!Path.IsPathFullyQualified(path))
        {
            throw new KeyException($"The module path '{path}' of the key '{uri.Name}' is not absolute: another file could be loaded from another folder.");
        }

        var isFolder = Directory.Exists(path);
        var found = !isFolder ? path : uri.ModuleName is { } inside ? Named(inside, [path], uri) : null;
        return File.Exists(found) ? found : throw new KeyException($"There is no PKCS#11 module '{path}'{(isFolder ? ": it is a folder, in which module-name names one" : "")}.");
    }

    private static string? Named(string name, IEnumerable<string> folders, Pkcs11Uri uri)
    {
        if (name.AsSpan().IndexOfAny('/', '\\') >= 0 || name.StartsWith('.'))
        {
            throw new KeyException($"The module name '{name}' of the key '{uri.Name}' is a path: name it with module-path.");
        }

        var ending = OperatingSystem.IsWindows() ? ".dll" : OperatingSystem.IsMacOS() ? ".dylib" : ".so";
        return folders.SelectMany(f => (string[])[Path.Combine(f, name), Path.Combine(f, name + ending), Path.Combine(f, "lib" + name + ending), Path.Combine(f, "lib" + name + ".so")]).FirstOrDefault(File.Exists);
    }
}
