using System.CommandLine;
using System.Security.Cryptography;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Sigstore;
using ContainerBuildGuard.Tool.Output;
using ContainerBuildGuard.Tool.Pkcs11;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg keys generate | public | sign</c></summary>
internal static class KeysCommand
{
    /// <summary>The largest attestation, in its envelope.</summary>
    private const int MaxInputBytes = 64 << 20;

    public static Command Create()
    {
        var prefix = new Option<string>("--output-key-prefix") { Description = "Files PREFIX.key and PREFIX.pub.", DefaultValueFactory = _ => "cbg" };
        var generate = new TeachingCommand(
            "generate",
            "Make an ECDSA P-256 key pair. Where CONTAINERBUILDGUARD_KEY_PASSWORD or COSIGN_PASSWORD is set, the private key is encrypted, in the form that cosign reads too.",
            "cbg keys generate --output-key-prefix release") { prefix };
        generate.SetAction(async (parsed, cancellationToken) =>
        {
            var (privatePath, publicPath, encrypted) = SigningKeys.Generate(parsed.GetRequiredValue(prefix));
            await ResultOutput.WriteAsync($"{privatePath} (private, {(encrypted ? "encrypted" : "not encrypted: set CONTAINERBUILDGUARD_KEY_PASSWORD to encrypt")})\n{publicPath} (public)\n", null, cancellationToken);
            return ExitCode.Passed;
        });
        return new TeachingCommand("keys", "Signing keys.", "cbg keys generate", "cbg keys public 'pkcs11:token=release;object=image-key?module-name=softhsm2&pin-source=env:PIN'") { generate, Public(), Sign() };
    }

    private static TeachingCommand Public()
    {
        var key = new Argument<string>("KEY") { Description = "A private key, by any reference that cbg sign --key takes." };
        var command = new TeachingCommand(
            "public",
            "Write the public half of a key, in PEM: for those who verify, and have no access to the key's service or token.",
            "cbg keys public awskms:///alias/release --output release.pub",
            "cbg keys public 'pkcs11:token=release;object=image-key?module-name=softhsm2&pin-source=file:/run/secrets/pin' --output release.pub") { key, SharedOptions.Output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await ResultOutput.WriteAsync(await SigningKeys.PublicPemAsync(parsed.GetRequiredValue(key), TokenSigner.OpenAsync, cancellationToken), parsed.GetValue(SharedOptions.Output), cancellationToken);
            return ExitCode.Passed;
        });
        return command;
    }

    private static TeachingCommand Sign()
    {
        var key = new Argument<string>("KEY") { Description = "A private key, by any reference that cbg sign --key takes." };
        var pss = new Option<string>("--pss") { Description = "For an RSA key: sign by PSS instead, over sha256, sha384 or sha512." };
        pss.AcceptOnlyFromAmong("sha256", "sha384", "sha512");
        var command = new TeachingCommand(
            "sign",
            "Sign standard input and write the signature in base64: ECDSA in DER over the curve's own hash, RSA PKCS#1 over SHA-256, Ed25519. So the package in a build signs by keys on PKCS#11 tokens.",
            "cbg keys sign 'pkcs11:token=release;object=image-key?module-name=softhsm2' < payload.json") { key, pss };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var algorithm = parsed.GetValue(pss) is { } hash ? new SignatureAlgorithm(SignatureScheme.RsaPss, new HashAlgorithmName(hash.ToUpperInvariant())) : null;
            var signature = await SigningKeys.SignAsync(parsed.GetRequiredValue(key), await ReadInputAsync(cancellationToken), algorithm, TokenSigner.OpenAsync, cancellationToken);
            await ResultOutput.WriteAsync(Convert.ToBase64String(signature) + "\n", null, cancellationToken);
            return ExitCode.Passed;
        });
        return command;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadInputAsync(CancellationToken cancellationToken)
    {
        using var input = new MemoryStream();
        await using var source = Console.OpenStandardInput();
        var piece = new byte[1 << 16];
        while (input.Length <= MaxInputBytes && await source.ReadAsync(piece, cancellationToken) is > 0 and var count)
        {
            input.Write(piece, 0, count);
        }

        return input.Length <= MaxInputBytes ? input.ToArray() : throw new GuardException("CBG9009", GuardFailure.Input, $"What is to be signed has more than {MaxInputBytes} bytes.");
    }
}
