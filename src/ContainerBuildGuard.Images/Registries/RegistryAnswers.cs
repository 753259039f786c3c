namespace ContainerBuildGuard.Images;

/// <summary>Reads answers that are small enough for memory.</summary>
internal static class RegistryAnswers
{
    /// <summary>Reads an answer whole; a connection that breaks on the way is an attempt that failed.</summary>
    public static async Task<(byte[] Bytes, TFirst First, TSecond Second)> ReadAsync<TFirst, TSecond>(this RegistryTransport transport, RegistryEndpoint endpoint, RegistryRequest request, int limit, Func<HttpResponseMessage, (TFirst, TSecond)> headers, CancellationToken cancellationToken)
    {
        var budget = new RetryBudget(transport.Options);
        while (true)
        {
            try
            {
                using var response = await transport.SendOnceAsync(endpoint, request, cancellationToken).ConfigureAwait(false);
                var (first, second) = headers(response);
                return (await ReadBodyAsync(transport, response, endpoint, limit, cancellationToken).ConfigureAwait(false), first, second);
            }
            catch (TransientException e)
            {
                await budget.PauseAsync(e, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task<byte[]> ReadBodyAsync(RegistryTransport transport, HttpResponseMessage response, RegistryEndpoint endpoint, int limit, CancellationToken cancellationToken)
    {
        try
        {
            using var standstill = new StandstillLimit(transport.Options);
            return await standstill.WatchAsync(
                async token => await (await response.Content.ReadAsStreamAsync(token).ConfigureAwait(false)).ReadAllAsync(limit, $"The answer of {endpoint.Host}", token).ConfigureAwait(false),
                cancellationToken,
                StandstillLimit.NotWhole).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw RegistryFailure.Of(e, endpoint.Host);
        }
    }
}
