using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Finds out whom to trust: a file, the instance's repository, or what is on this machine already.</summary>
public static class SigstoreInstance
{
    /// <summary>How long an update is good for before the repository is asked again.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(24);

    /// <summary>The name of Sigstore's staging instance where a file could stand; a file of this name is <c>./staging</c>.</summary>
    public const string Staging = "staging";

    /// <summary>The trust to verify and sign with, and a word on its age for people.</summary>
    /// <param name="file">A trusted root or a client trust configuration, or <see cref="Staging"/>; null for the public-good instance.</param>
    /// <param name="offline">Whether the network must be left alone.</param>
    /// <param name="http">The client.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="GuardException">CBG3007: the file is no trust, or the repository lies.</exception>
    public static async Task<(SigstoreTrust Trust, string Note)> ResolveAsync(string? file, bool offline, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            if (file is not (null or Staging))
            {
                return (new SigstoreTrust(ClientTrustConfig.Parse(await File.ReadAllBytesAsync(file, cancellationToken)), file, null), $"trust of {file}");
            }

            var repository = file is null ? TrustRepository.PublicGood(CacheFolder) : TrustRepository.Staging(CacheFolder);
            var cached = repository.ReadCached();
            var now = TimeProvider.System.GetUtcNow();
            if (offline || (cached?.UpdatedAt is { } updated && now - updated < Fresh))
            {
                var trust = cached ?? repository.Shipped!;
                return (trust, Age(trust, now));
            }

            var fetched = await repository.UpdateAsync(http, cancellationToken);
            return (fetched, $"trust of {fetched.Source}, updated now");
        }
        catch (SigstoreException e)
        {
            throw new GuardException(ContentTrustRules.TrustUnavailable.Code, e.Error == SigstoreError.Unreachable ? GuardFailure.Environment : GuardFailure.Input,
                $"It could not be established whom to trust: {e.Message.TrimEnd('.')}{(e.Error == SigstoreError.Unreachable ? "; --offline uses what is on this machine" : "")}.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException(ContentTrustRules.TrustUnavailable.Code, GuardFailure.Input, $"The trusted root '{file}' cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static string Age(SigstoreTrust trust, DateTimeOffset now) => trust switch
    {
        { UpdatedAt: { } time } => string.Create(CultureInfo.InvariantCulture, $"trust of {trust.Source}, {(now - time).TotalDays:0} days old"),
        { ShippedOf: { } day } => string.Create(CultureInfo.InvariantCulture, $"trust of {trust.Source} as it shipped with this version, {DateOnly.FromDateTime(now.UtcDateTime).DayNumber - day.DayNumber} days old"),
        _ => $"trust of {trust.Source}",
    };

    /// <summary><c>$CONTAINERBUILDGUARD_TRUST</c>, else a folder of the user's local application data.</summary>
    internal static string CacheFolder => Environment.GetEnvironmentVariable("CONTAINERBUILDGUARD_TRUST") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "ContainerBuildGuard", "trust");
}
