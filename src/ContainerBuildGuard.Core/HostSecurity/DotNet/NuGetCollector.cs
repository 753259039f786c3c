using System.Xml;
using System.Xml.Linq;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The chain of NuGet.config files that a restore in the working folder reads: upward from it, the user's, the machine's.</summary>
internal static class NuGetCollector
{
    private static readonly string[] Names = ["nuget.config", "NuGet.config", "NuGet.Config"];

    public static IEnumerable<NuGetConfiguration> Chain(HostReader host, List<string> problems)
    {
        string[] files =
        [
            .. DotNetCollector.Upward(host.Probe.WorkingDirectory).SelectMany(folder => Names.Select(n => $"{folder}/{n}").Where(host.Exists).Take(1)),
            $"{host.Home}/.nuget/NuGet/NuGet.Config",
            .. host.Expand($"{host.Home}/.nuget/config/*.config"),
            .. host.Expand("/etc/opt/NuGet/Config/*.config"),
        ];
        host.Group("nuget-config", files);
        foreach (var file in files.Distinct(StringComparer.Ordinal))
        {
            var text = host.Text(file, problems);
            if (text.Length > 0 && Parse(file, text, problems) is { } configuration)
            {
                foreach (var source in configuration.Sources)
                {
                    host.Chain(source.Location);
                }

                yield return configuration;
            }
        }
    }

    private static NuGetConfiguration? Parse(string file, string text, List<string> problems)
    {
        try
        {
            // Without a DTD no entity can grow the document.
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XDocument.Load(reader).Root!;
            IEnumerable<XElement> Section(string name) => root.Elements().Where(e => e.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase)).Elements();
            string[] Holding(string key) =>
            [
                .. Section("packageSourceCredentials")
                    .Where(s => s.Elements().Any(a => Value(a, "key").Equals(key, StringComparison.OrdinalIgnoreCase) && Value(a, "value") is { Length: > 0 } value && !(value.StartsWith('%') && value.EndsWith('%'))))
                    .Select(s => XmlConvert.DecodeName(s.Name.LocalName)),
            ];
            return new NuGetConfiguration
            {
                Path = file,
                Sources = [.. Section("packageSources").Where(IsAdd).Select(s => new NuGetSource(Value(s, "key"), WithoutUser(Value(s, "value")), Value(s, "allowInsecureConnections").Equals("true", StringComparison.OrdinalIgnoreCase)))],
                Mapping = Section("packageSourceMapping").Any(e => e.Name.LocalName.Equals("packageSource", StringComparison.OrdinalIgnoreCase)),
                ClearTextPasswords = [.. Holding("ClearTextPassword")],
                EncryptedPasswords = [.. Holding("Password")],
                SignatureValidation = Section("config").Where(e => Value(e, "key").Equals("signatureValidationMode", StringComparison.OrdinalIgnoreCase)).Select(e => Value(e, "value")).LastOrDefault(),
                AuditSources = Section("auditSources").Any(IsAdd),
            };
        }
        catch (Exception e) when (e is XmlException or InvalidOperationException)
        {
            problems.Add($"{file} is not a NuGet configuration: {e.Message.TrimEnd('.')}");
            return null;
        }
    }

    private static bool IsAdd(XElement element) => element.Name.LocalName.Equals("add", StringComparison.OrdinalIgnoreCase);

    private static string Value(XElement element, string name) =>
        element.Attributes().FirstOrDefault(a => a.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase))?.Value ?? "";

    private static string WithoutUser(string location) =>
        Uri.TryCreate(location, UriKind.Absolute, out var uri) && uri.UserInfo.Length > 0 ? location.Replace(uri.UserInfo + "@", "", StringComparison.Ordinal) : location;
}
