namespace ContainerBuildGuard.Sigstore;

/// <summary>Tokens that an orchestrator puts into files.</summary>
internal static class TokenFile
{
    private const int MaxBytes = 64 << 10;

    /// <exception cref="KeyException">It cannot be read, or holds no token.</exception>
    public static async Task<string> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var token = new FileInfo(path).Length <= MaxBytes ? (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim() : "";
            return token.Length > 0 && token.All(c => c is > ' ' and < (char)127) ? token : throw new KeyException($"The token file '{path}' holds no token.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyException($"The token file '{path}' cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
