using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Reads OSV records (Open Source Vulnerability format 1.x) in one pass over their bytes.</summary>
internal static class OsvReader
{
    private static readonly JsonReaderOptions Options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The record; null where it is withdrawn, or a notice of a bug fix or enhancement that fixes no vulnerability.</summary>
    /// <exception cref="JsonException">Not JSON, or not an OSV record.</exception>
    public static Advisory? Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json.StartsWith("\uFEFF"u8) ? json[3..] : json, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("an OSV record is a JSON object");
        }

        var record = new Record();
        JsonWalk.Members(ref reader, record, ReadMember);
        return record.Id is not { Length: > 0 } ? throw new JsonException("an OSV record needs an id") : record.IsWithdrawn || record.IsNoVulnerability ? null : record.ToAdvisory();
    }

    private static bool ReadMember(ref Utf8JsonReader r, Record record)
    {
        if (r.ValueTextEquals("id"u8))
        {
            record.Id = JsonWalk.Text(ref r);
        }
        else if (r.ValueTextEquals("withdrawn"u8))
        {
            record.IsWithdrawn = JsonWalk.Text(ref r) is not null;
        }
        else if (r.ValueTextEquals("modified"u8))
        {
            record.Modified = DateTimeOffset.TryParse(JsonWalk.Text(ref r), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var at) ? at : default;
        }
        else if (r.ValueTextEquals("aliases"u8) || r.ValueTextEquals("upstream"u8))
        {
            JsonWalk.Texts(ref r, record.Aliases);
        }
        else if (r.ValueTextEquals("related"u8))
        {
            JsonWalk.Texts(ref r, record.Related);
        }
        else if (r.ValueTextEquals("summary"u8))
        {
            record.Summary = JsonWalk.Text(ref r) ?? "";
        }
        else if (r.ValueTextEquals("severity"u8))
        {
            JsonWalk.Items(ref r, record.Rating, static (ref r, rating) => rating.Read(ref r));
        }
        else if (r.ValueTextEquals("database_specific"u8))
        {
            record.Rating.ReadSpecific(ref r);
        }
        else if (r.ValueTextEquals("affected"u8))
        {
            JsonWalk.Items(ref r, record.Affected, static (ref r, list) =>
            {
                var affected = new Affected();
                JsonWalk.Members(ref r, affected, ReadAffected);
                list.Add(affected);
            });
        }
        else
        {
            return false;
        }

        return true;
    }

    private static bool ReadAffected(ref Utf8JsonReader r, Affected affected)
    {
        if (r.ValueTextEquals("package"u8))
        {
            r.Read();
            JsonWalk.Members(ref r, affected, static (ref r, a) =>
            {
                if (r.ValueTextEquals("ecosystem"u8))
                {
                    a.Ecosystem = JsonWalk.Text(ref r);
                }
                else if (r.ValueTextEquals("name"u8))
                {
                    a.Name = JsonWalk.Text(ref r);
                }
                else
                {
                    return false;
                }

                return true;
            });
        }
        else if (r.ValueTextEquals("ranges"u8))
        {
            JsonWalk.Items(ref r, affected, ReadRange);
        }
        else if (r.ValueTextEquals("versions"u8))
        {
            JsonWalk.Texts(ref r, affected.Versions ??= []);
        }
        else if (r.ValueTextEquals("severity"u8))
        {
            JsonWalk.Items(ref r, affected.Rating ??= new OsvRating(), static (ref r, rating) => rating.Read(ref r));
        }
        else if (r.ValueTextEquals("ecosystem_specific"u8) || r.ValueTextEquals("database_specific"u8))
        {
            (affected.Rating ??= new OsvRating()).ReadSpecific(ref r);
        }
        else
        {
            return false;
        }

        return true;
    }

    private static void ReadRange(ref Utf8JsonReader r, Affected affected)
    {
        var range = new Range();
        JsonWalk.Members(ref r, range, static (ref r, range) =>
        {
            if (r.ValueTextEquals("type"u8))
            {
                range.Type = JsonWalk.Text(ref r);
            }
            else if (r.ValueTextEquals("events"u8))
            {
                JsonWalk.Items(ref r, range.Events, static (ref r, events) => JsonWalk.Members(ref r, events, ReadEvent));
            }
            else
            {
                return false;
            }

            return true;
        });
        // Commits say nothing about packages.
        if (range.Type != "GIT")
        {
            affected.Ranges.Add(new AffectedRange([.. range.Events]));
        }
    }

    private static bool ReadEvent(ref Utf8JsonReader r, List<RangeEvent> events)
    {
        RangeEventKind? kind = r.ValueTextEquals("introduced"u8) ? RangeEventKind.Introduced
            : r.ValueTextEquals("fixed"u8) ? RangeEventKind.Fixed
            : r.ValueTextEquals("last_affected"u8) ? RangeEventKind.LastAffected
            : r.ValueTextEquals("limit"u8) ? RangeEventKind.Limit
            : null;
        if (kind is null)
        {
            return false;
        }

        events.Add(new RangeEvent(kind.Value, JsonWalk.Text(ref r) ?? throw new JsonException("the version of an event is no text")));
        return true;
    }

    private sealed class Record
    {
        public string? Id { get; set; }
        public bool IsWithdrawn { get; set; }
        public DateTimeOffset Modified { get; set; }

        /// <summary>Red Hat's family publishes errata of three kinds: <c>ALSA</c>, <c>ALBA</c>, <c>ALEA</c>. The latter two count where they name a CVE.</summary>
        public bool IsNoVulnerability =>
            Id is [_, 'H' or 'L', 'B' or 'E', 'A', '-', ..] && !Aliases.Concat(Related).Any(a => a.StartsWith("CVE-", StringComparison.OrdinalIgnoreCase));

        public string Summary { get; set; } = "";
        public List<string> Aliases { get; } = [];
        public List<string> Related { get; } = [];
        public OsvRating Rating { get; } = new();
        public List<Affected> Affected { get; } = [];

        public Advisory ToAdvisory()
        {
            var affected = Affected.Where(a => a is { Ecosystem: not null, Name: not null }).Select(a => a.ToPackage()).ToImmutableArray();
            if (affected is [{ Ecosystem: RedHatStreams.Ecosystem }, ..])
            {
                // The same once for each of a release's repositories.
                affected = [.. affected.DistinctBy(a => $"{a.Key}\n{string.Join(' ', a.Ranges.SelectMany(r => r.Events))}")];
            }

            var score = Rating.Score ?? Affected.Select(a => a.Rating?.Score).Where(s => s is not null).Max();
            return new Advisory
            {
                Id = Id!,
                Aliases = [.. Aliases.Distinct(StringComparer.Ordinal)],
                Related = [.. Related.Distinct(StringComparer.Ordinal)],
                Summary = Summary,
                Modified = Modified,
                Severity = Rating.Word ?? OfSummary(affected),
                Cvss = score,
                Affected = affected,
            };
        }

        /// <summary>Red Hat's family writes its word before the summary: <c>Important: openssl security update</c>.</summary>
        private Severity? OfSummary(ImmutableArray<AffectedPackage> affected) =>
            affected is [{ Ecosystem: "AlmaLinux" or "Rocky Linux" or RedHatStreams.Ecosystem or "Oracle Linux" }, ..] && Summary.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon
                ? Ratings.OfWord(Summary[..colon])
                : null;
    }

    private sealed class Affected
    {
        public string? Ecosystem { get; set; }
        public string? Name { get; set; }
        public List<AffectedRange> Ranges { get; } = new(1);
        public List<string>? Versions { get; set; }
        public OsvRating? Rating { get; set; }

        public AffectedPackage ToPackage()
        {
            var colon = Ecosystem!.IndexOf(':', StringComparison.Ordinal);
            var (ecosystem, release) = colon < 0 ? (Ecosystem, "") : (Ecosystem[..colon], Ecosystem[(colon + 1)..]);
            return new AffectedPackage
            {
                Ecosystem = ecosystem,
                // Support programmes stand before or behind the release: Ubuntu:Pro:22.04:LTS.
                Release = ecosystem == RedHatStreams.Ecosystem ? RedHatStreams.Release(release) : release.EndsWith(":LTS", StringComparison.Ordinal) ? release[..^4] : release,
                Name = Name!,
                Ranges = [.. Ranges],
                Versions = Versions is null ? [] : [.. Versions],
                Severity = Rating?.Word,
                State = Rating?.State ?? FixState.Unknown,
            };
        }
    }

    private sealed class Range
    {
        public string? Type { get; set; }
        public List<RangeEvent> Events { get; } = new(2);
    }
}
