using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A statement that the guard's policy writes itself. It becomes the document that it stands for, so that there is one reader with one set of rules.</summary>
internal static class WrittenTrust
{
    private const string Store = "policy";
    private const string Fingerprint = "sha256:";
    private const int MaxBytes = 1 << 20;

    /// <exception cref="GuardException">CBG3007: it is not valid, or a certificate cannot be used. The latter is said when it is needed.</exception>
    public static NotationTrust Open(NotationStatement statement, NotationOptions options)
    {
        var document = new TrustPolicyReader(statement.Source).Read(Encoding.UTF8.GetBytes(Document(statement).ToJsonString()));
        return new NotationTrust(document, store => Anchors(statement.Stores[StoreName.FolderOf(store.Type)], store.Type), statement.Source, options);
    }

    private static JsonObject Document(NotationStatement statement)
    {
        var verification = new JsonObject { ["level"] = statement.Level, ["verifyTimestamp"] = statement.VerifyTimestamp };
        if (!statement.Overrides.IsEmpty)
        {
            verification["override"] = new JsonObject(statement.Overrides.Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value)));
        }

        return new JsonObject
        {
            ["version"] = "1.0",
            ["trustPolicies"] = new JsonArray(new JsonObject
            {
                ["name"] = "notation",
                ["registryScopes"] = new JsonArray(TrustPolicyDocument.Everything),
                ["signatureVerification"] = verification,
                ["trustStores"] = new JsonArray([.. statement.Stores.Keys.Select(k => (JsonNode)$"{k}:{Store}")]),
                ["trustedIdentities"] = new JsonArray([.. statement.Identities.Select(i => (JsonNode)i)]),
            }),
        };
    }

    private static TrustAnchors Anchors(ImmutableArray<string> certificates, StoreType type) =>
        certificates.Select(c => c.StartsWith(Fingerprint, StringComparison.Ordinal) ? new TrustAnchors([c[Fingerprint.Length..]], []) : Read(c, type)).Aggregate(TrustAnchors.None, (all, more) => all.Add(more));

    private static TrustAnchors Read(string certificate, StoreType type)
    {
        var isPem = certificate.StartsWith("-----BEGIN ", StringComparison.Ordinal);
        var where = isPem ? "a certificate of the policy" : certificate;
        try
        {
            var content = isPem ? Encoding.ASCII.GetBytes(certificate)
                : new FileInfo(certificate).Length <= MaxBytes ? File.ReadAllBytes(certificate)
                : throw new CryptographicException($"it has more than {MaxBytes} bytes");
            return TrustAnchors.Of(TrustStore.Usable(TrustStore.ReadCertificates(content), type, where));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw TrustStore.Error(where, e.Message.TrimEnd('.'), e);
        }
    }
}
