using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg keys generate</c></summary>
internal static class KeysCommand
{
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
        return new TeachingCommand("keys", "Signing keys.", "cbg keys generate") { generate };
    }
}
