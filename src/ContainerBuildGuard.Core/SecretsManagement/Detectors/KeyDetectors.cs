using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Private keys.</summary>
internal static class KeyDetectors
{
    private static readonly DetectorFamily Key = new(SecretsRules.PrivateKey);

    public static ImmutableArray<SecretDetector> All { get; } =
    [
        Key.Custom("pem-private-key", "private key in PEM form", PemMatcher.Match, SecretScope.NotInBaseBinaries, false, "-----BEGIN "),
        Key.Custom("pem-private-key-encoded", "private key in PEM form, encoded in base64", PemMatcher.MatchEncoded, SecretScope.NotInBaseBinaries, false, "LS0tLS1CRUdJTi"),
        Key.Custom("putty-private-key", "PuTTY private key", KeyMatchers.Putty, SecretScope.Everywhere, false, "PuTTY-User-Key-File-"),
        Key.Custom("json-web-key", "JSON Web Key with its private part", KeyMatchers.JsonWebKey, SecretScope.AppText, false, "\"kty\""),
        Key.Custom("rsa-xml-key", "RSA private key in .NET's XML form", KeyMatchers.RsaXml, SecretScope.NotInBaseBinaries, false, "<RSAKeyValue>"),
        Key.Custom("data-protection-key", "unencrypted ASP.NET Core data protection key", KeyMatchers.DataProtection, SecretScope.NotInBaseBinaries, false, "<masterKey"),
        Key.Token("age-identity", "age identity", @"<AGE-SECRET-KEY-1>[AC-HJ-NP-Z02-9]{58}", KeyMatchers.AgeIdentity),
        Key.Token("wireguard-private-key", "WireGuard private key", @"<PrivateKey = >\b{43}=", entropy: 4),
    ];
}
