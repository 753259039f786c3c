using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>Finds a token's PIN, which never stands on a command line.</summary>
internal static class TokenPin
{
    private const int MaxBytes = 1024;
    private static readonly string[] Variables = ["CONTAINERBUILDGUARD_KEY_PASSWORD", "COSIGN_PKCS11_PIN"];

    /// <summary>The PIN, for its reader to clear. Files are read with one line break at their end taken off.</summary>
    /// <exception cref="KeyException">There is none, or it cannot be read.</exception>
    public static byte[] Read(Pkcs11Uri uri, Func<string, string?> environment)
    {
        if (uri.PinSource is not { Length: > 0 } source)
        {
            return Variables.Select(environment).FirstOrDefault(p => p is { Length: > 0 }) is { } pin
                ? Encoding.UTF8.GetBytes(pin)
                : throw new KeyException($"The token of the key '{uri.Name}' asks for a PIN: name it with pin-source=file:PATH or pin-source=env:NAME behind a '?', or set {Variables[0]}.");
        }

        if (source.StartsWith("env:", StringComparison.Ordinal))
        {
            return environment(source[4..]) is { Length: > 0 } named ? Encoding.UTF8.GetBytes(named) : throw new KeyException($"The environment variable '{source[4..]}', which should hold the PIN of the key '{uri.Name}', is empty or not set.");
        }

        if (source.StartsWith('|'))
        {
            throw new KeyException($"The PIN of the key '{uri.Name}' is not taken from a command: name a file or a variable, pin-source=file:PATH or pin-source=env:NAME.");
        }

        var path = source.StartsWith("file:///", StringComparison.Ordinal) ? source[7..] : source.StartsWith("file:", StringComparison.Ordinal) ? source[5..] : source;
        try
        {
            using var file = File.OpenRead(path);
            var content = new byte[MaxBytes + 1];
            var length = file.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
            var pin = Trimmed(content.AsSpan(0, length));
            CryptographicOperations.ZeroMemory(content);
            return pin.Length > 0 && length <= MaxBytes ? pin : throw new KeyException($"The file '{path}', which should hold the PIN of the key '{uri.Name}', holds none.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyException($"The file '{path}', which should hold the PIN of the key '{uri.Name}', cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static byte[] Trimmed(Span<byte> content)
    {
        content = content.EndsWith("\n"u8) ? content[..^1] : content;
        return (content.EndsWith("\r"u8) ? content[..^1] : content).ToArray();
    }
}
