using System.Xml;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The packages of a repository's security advisories, read as a stream from <c>updateinfo.xml</c>.</summary>
internal static class SecurityAdvisories
{
    private const long MaxCharacters = 512L << 20;

    /// <summary>Each package that an advisory of the type "security" brings; <see cref="RpmHeader.Module"/> is <c>name:stream</c> here.</summary>
    /// <exception cref="XmlException">No such document, or one that is cut off or too large.</exception>
    public static IEnumerable<RpmHeader> Packages(Stream stream)
    {
        using var xml = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = MaxCharacters, IgnoreComments = true, IgnoreWhitespace = true });
        var (security, module) = (false, "");
        while (xml.Read())
        {
            if (xml.NodeType != XmlNodeType.Element)
            {
                continue;
            }

            switch (xml.LocalName)
            {
                case "update":
                    security = xml.GetAttribute("type") == "security";
                    break;
                case "collection":
                    module = "";
                    break;
                case "module":
                    module = $"{xml.GetAttribute("name")}:{xml.GetAttribute("stream")}";
                    break;
                case "package" when security && xml.GetAttribute("name") is { } name && xml.GetAttribute("version") is { } version:
                    yield return new RpmHeader(name, $"{version}-{xml.GetAttribute("release")}")
                    {
                        Epoch = uint.TryParse(xml.GetAttribute("epoch"), out var epoch) ? epoch : 0,
                        Architecture = xml.GetAttribute("arch") ?? "",
                        Module = module,
                    };
                    break;
                default:
                    break;
            }
        }
    }
}
