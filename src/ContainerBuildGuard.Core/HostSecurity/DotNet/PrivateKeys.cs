using System.Buffers.Binary;
using System.Text;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>Private keys in the places where they are kept or left lying: ~/.ssh, the home and the workspace themselves, Docker's client key.</summary>
internal static class PrivateKeys
{
    private const int MaxKeyBytes = 64 << 10;
    private static readonly string[] SigningNames = [".key", ".pfx", ".p12", ".snk", ".pem"];

    public static IEnumerable<PrivateKey> Find(HostReader host, string workspace)
    {
        foreach (var path in host.Expand($"{host.Home}/.ssh/*").Where(p => !p.EndsWith(".pub", StringComparison.Ordinal)))
        {
            if (Encrypted(host, path) is { } encrypted)
            {
                yield return new PrivateKey(path, "ssh", encrypted);
            }
        }

        var certificates = host.Probe.EnvironmentVariable("DOCKER_CERT_PATH") is { Length: > 0 } set ? set : $"{host.Home}/.docker";
        if (Encrypted(host, $"{certificates}/key.pem") is { } client)
        {
            yield return new PrivateKey($"{certificates}/key.pem", "tls", client);
        }

        foreach (var folder in ((string[])[host.Home, workspace]).Where(f => f.StartsWith('/')).Distinct(StringComparer.Ordinal))
        {
            foreach (var path in host.List(folder, []).Where(n => SigningNames.Any(e => n.EndsWith(e, StringComparison.OrdinalIgnoreCase))).Take(200).Select(n => $"{folder.TrimEnd('/')}/{n}"))
            {
                var text = path.EndsWith(".pem", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".key", StringComparison.OrdinalIgnoreCase);

                // A PKCS #12 container does not say whether its password is empty.
                var locked = text ? Encrypted(host, path) : host.Stat(path) is { Found: true, Value.IsRegular: true } ? false : null;
                if (locked is not null)
                {
                    yield return new PrivateKey(path, "signing", locked.Value);
                }
            }
        }
    }

    /// <summary>Null where it is no private key; else whether a passphrase protects it.</summary>
    private static bool? Encrypted(HostReader host, string path)
    {
        if (host.Stat(path) is not { Found: true, Value.IsRegular: true } || host.Text(path, MaxKeyBytes) is not { Found: true, Value: var text } || !text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
        {
            return null;
        }

        return text.Contains("ENCRYPTED", StringComparison.Ordinal) || (text.Contains("BEGIN OPENSSH PRIVATE KEY", StringComparison.Ordinal) && Cipher(text) != "none");
    }

    /// <summary>The cipher name that follows the magic of openssh-key-v1.</summary>
    private static string Cipher(string text)
    {
        const string Magic = "openssh-key-v1\0";
        try
        {
            var bytes = Convert.FromBase64String(string.Concat(text.Split('\n').Where(l => !l.StartsWith('-')).Select(l => l.Trim())));
            var at = Magic.Length;
            var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at, 4));
            return Encoding.ASCII.GetString(bytes.AsSpan(at + 4, length));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            return "none";
        }
    }
}
