using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>
/// A key that the tool opens, in a process of its own: one on a PKCS#11 token, whose module is native code of its maker and has no place in a build. The tool is asked for the public half once
/// (<c>cbg keys public</c>) and for each signature (<c>cbg keys sign</c>); it finds the PIN where the reference or the environment says.
/// </summary>
internal sealed class ToolSigner : ISigner
{
    // Somebody may have to touch a token or enter a PIN on it.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly string _tool;
    private readonly string _reference;

    private ToolSigner(string tool, string reference, VerificationKey publicKey) => (_tool, _reference, PublicKey) = (tool, reference, publicKey);

    public VerificationKey PublicKey { get; }

    /// <param name="tool">The tool's file; empty to look for it where tools are installed.</param>
    /// <param name="reference">The key.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="afterwards">How to sign without this, for the message where there is no tool.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="KeyException">There is no tool, or it cannot use the key.</exception>
    public static async Task<ISigner> OpenAsync(string tool, string reference, Func<string, string?> environment, string afterwards, CancellationToken cancellationToken)
    {
        var name = Pkcs11Uri.Parse(reference).Name;
        var file = tool.Length > 0 ? tool : ProcessCall.Find("cbg", environment) ?? Installed();
        if (!File.Exists(file))
        {
            throw new KeyException($"The key '{name}' is on a PKCS#11 token, which a build opens by the tool cbg, and {(tool.Length > 0 ? $"'{tool}' is no file" : "that is not installed here")}: "
                + $"install it (dotnet tool install --global ContainerBuildGuard.Tool) or name its file in ContainerBuildGuardTool; or {afterwards}.");
        }

        return new ToolSigner(file, reference, VerificationKey.Parse(await CallAsync(file, ["public", reference], default, cancellationToken), name));
    }

    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => SignAsync(data, [], cancellationToken);

    /// <inheritdoc />
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, SignatureAlgorithm algorithm, CancellationToken cancellationToken) => SignAsync(
        data,
        algorithm == PublicKey.Algorithm ? []
        : algorithm.Scheme == SignatureScheme.RsaPss ? ["--pss", algorithm.Hash.Name!.ToLowerInvariant()]
        : throw new KeyException($"The key is for {PublicKey.Algorithm.Scheme} and cannot sign as {algorithm.Scheme}."),
        cancellationToken);

    private async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, string[] options, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(_tool, ["sign", _reference, .. options], data, cancellationToken);
        var signature = new byte[answer.Length];
        return Convert.TryFromBase64String(answer.Trim(), signature, out var length) ? signature[..length] : throw new KeyException("The tool cbg answered with something else than a signature.");
    }

    public void Dispose() => PublicKey.Dispose();

    private static string Installed() => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".dotnet", "tools", OperatingSystem.IsWindows() ? "cbg.exe" : "cbg");

    private static async Task<string> CallAsync(string tool, string[] arguments, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            return await ProcessCall.RunAsync(tool, ["keys", .. arguments], stream => stream.WriteAsync(input, cancellationToken).AsTask(), Patience, cancellationToken) switch
            {
                null => throw new KeyException($"The tool '{tool}', which opens keys on PKCS#11 tokens, cannot be started."),
                { ExitCode: 0 } done => done.Output,
                var (code, _, error) => throw new KeyException(Said(error) is { Length: > 0 } reason ? reason : $"The tool '{tool}', which opens keys on PKCS#11 tokens, ended with {code}."),
            };
        }
        catch (ImageException e)
        {
            throw new KeyException(e.Message, e);
        }
    }

    /// <summary>The tool's one sentence without its code.</summary>
    private static string Said(string error)
    {
        var line = error.AsSpan().Trim();
        line = line[..(line.IndexOf('\n') is >= 0 and var end ? end : line.Length)].Trim();
        return line.StartsWith("error CBG") && line.IndexOf(": ") is > 0 and var colon ? line[(colon + 2)..].ToString() : line.ToString();
    }
}
