using System.Security.Cryptography;
using Org.BouncyCastle.Crypto.Engines;
using Org.BouncyCastle.Crypto.Macs;
using Org.BouncyCastle.Crypto.Parameters;

namespace ContainerBuildGuard.Sigstore;

/// <summary>NaCl's <c>crypto_secretbox</c>: XSalsa20 and Poly1305, the tag first.</summary>
internal static class SecretBox
{
    public const int KeyBytes = 32;
    public const int NonceBytes = 24;
    private const int TagBytes = 16;

    public static byte[] Seal(ReadOnlySpan<byte> message, byte[] nonce, byte[] key)
    {
        var (cipher, authenticator) = Start(nonce, key);
        var sealedBytes = new byte[TagBytes + message.Length];
        cipher.ProcessBytes(message, sealedBytes.AsSpan(TagBytes));
        Tag(authenticator, sealedBytes.AsSpan(TagBytes)).CopyTo(sealedBytes, 0);
        return sealedBytes;
    }

    /// <summary>Null where key, nonce and content do not belong together.</summary>
    public static byte[]? Open(ReadOnlySpan<byte> box, byte[] nonce, byte[] key)
    {
        if (box.Length < TagBytes || nonce.Length != NonceBytes)
        {
            return null;
        }

        var (cipher, authenticator) = Start(nonce, key);
        if (!CryptographicOperations.FixedTimeEquals(Tag(authenticator, box[TagBytes..]), box[..TagBytes]))
        {
            return null;
        }

        var message = new byte[box.Length - TagBytes];
        cipher.ProcessBytes(box[TagBytes..], message);
        return message;
    }

    /// <summary>The stream's first 32 bytes are the authenticator's key.</summary>
    private static (XSalsa20Engine Cipher, byte[] Authenticator) Start(byte[] nonce, byte[] key)
    {
        var cipher = new XSalsa20Engine();
        cipher.Init(forEncryption: true, new ParametersWithIV(new KeyParameter(key), nonce));
        var authenticator = new byte[32];
        cipher.ProcessBytes(new byte[32], authenticator);
        return (cipher, authenticator);
    }

    private static byte[] Tag(byte[] key, ReadOnlySpan<byte> content)
    {
        var poly = new Poly1305();
        poly.Init(new KeyParameter(key));
        poly.BlockUpdate(content);
        var tag = new byte[TagBytes];
        poly.DoFinal(tag, 0);
        CryptographicOperations.ZeroMemory(key);
        return tag;
    }
}
