using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What an OSV record, or one of its packages, says of severity and of fixes to come.</summary>
internal sealed class OsvRating
{
    private (int Version, double Score)? _score;

    public double? Score => _score?.Score;

    public Severity? Word { get; private set; }

    public FixState State { get; private set; }

    /// <summary>An item of <c>severity</c>: a CVSS vector, of which the newest version counts, or a distribution's priority.</summary>
    public void Read(ref Utf8JsonReader reader) => JsonWalk.Members(ref reader, this, static (ref r, rating) =>
    {
        if (!r.ValueTextEquals("score"u8))
        {
            return false;
        }

        if (JsonWalk.Text(ref r) is { } text)
        {
            if (Ratings.Score(text) is { } score)
            {
                rating._score = rating._score is { } old && (old.Version, old.Score).CompareTo(score) >= 0 ? old : score;
            }
            else
            {
                rating.Word ??= Ratings.OfWord(text);
            }
        }

        return true;
    });

    /// <summary><c>database_specific</c> and <c>ecosystem_specific</c>: GitHub's severity, Debian's urgency, Ubuntu's priority, and what says that no fix will come.</summary>
    public void ReadSpecific(ref Utf8JsonReader reader)
    {
        reader.Read();
        JsonWalk.Members(ref reader, this, static (ref r, rating) =>
        {
            var state = r.ValueTextEquals("status"u8) || r.ValueTextEquals("fix_state"u8) || r.ValueTextEquals("state"u8);
            if (!state && !r.ValueTextEquals("severity"u8) && !r.ValueTextEquals("urgency"u8) && !r.ValueTextEquals("ubuntu_priority"u8))
            {
                return false;
            }

            if (JsonWalk.Text(ref r) is { } text)
            {
                rating.Word ??= state ? null : Ratings.OfWord(text);
                rating.State = text.ToLowerInvariant().Replace('_', '-').Replace(' ', '-').Replace("'", "", StringComparison.Ordinal) switch
                {
                    "will-not-fix" or "wont-fix" or "wontfix" or "ignored" or "no-dsa" or "fix-deferred" => FixState.WillNotFix,
                    "end-of-life" or "out-of-support-scope" or "eol" => FixState.EndOfLife,
                    _ => rating.State,
                };
            }

            return true;
        });
    }
}
