using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>What a module's return values mean to people.</summary>
internal static class CryptokiError
{
    /// <exception cref="KeyException">The module answered with anything but CKR_OK.</exception>
    public static void Check(nuint value, string key, string doing)
    {
        if (value != Cryptoki.Ok)
        {
            throw new KeyException($"{doing} the key '{key}' failed: {Reason(value)}.");
        }
    }

    private static string Reason(nuint value) => value switch
    {
        0x02 => "the module has not enough memory",
        0x05 or 0x06 => "the module says no more than that it failed; its own log may",
        0x21 or 0x30 or 0x31 or 0x32 => "the device is in error, or was taken away",
        0x54 => "the module cannot do that",
        0x60 or 0x63 or 0x68 => "the key may not be used for signatures",
        0x70 or 0x71 => "the token does not sign in this way",
        0xA0 or 0xA1 or 0xA2 => "the PIN is wrong; a token locks itself after few attempts",
        0xA3 => "the PIN has expired: change it with the token's own tool",
        0xA4 => "the PIN is locked: unlock it with the token's own tool",
        0xE0 or 0xE1 => "the token is not there",
        0x101 => "the token asks for a PIN: name it with pin-source=file:PATH or pin-source=env:NAME, or in CONTAINERBUILDGUARD_KEY_PASSWORD",
        0x102 => "no PIN has been set on the token",
        0x191 => "another part of the program uses the module",
        _ => $"the module answers 0x{value:X}",
    };
}
