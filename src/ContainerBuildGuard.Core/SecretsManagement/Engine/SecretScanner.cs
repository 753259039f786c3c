using System.Collections.Frozen;
using System.Collections.Immutable;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// Looks for secrets in one piece of content. One search for all keywords goes over the bytes; a detector looks only where one of its keywords is. Immutable
/// and shared by all threads.
/// </summary>
internal sealed class SecretScanner
{
    private static readonly Lazy<SecretScanner> Shared = new(() => new SecretScanner([]));
    private readonly ImmutableArray<SecretDetector>[] _byKeyword;
    private readonly FrozenDictionary<string, (SecretDetector Detector, int Rank)> _ranked;
    private readonly Keyword[] _keywords;
    private readonly Lazy<KeywordSearch> _tokens;
    private readonly Lazy<KeywordSearch> _tokensAndNames;

    /// <param name="custom">Detectors that the policy adds.</param>
    public SecretScanner(ImmutableArray<SecretDetector> custom)
    {
        var detectors = SecretDetectors.All.AddRange(custom);
        var byKeyword = detectors.SelectMany(d => d.Keywords.Select(k => (Keyword: k, Detector: d))).GroupBy(p => p.Keyword, p => p.Detector).ToArray();
        _keywords = [.. byKeyword.Select(g => g.Key)];
        _byKeyword = [.. byKeyword.Select(g => g.ToImmutableArray())];
        _tokens = new(() => new KeywordSearch(_keywords));
        _tokensAndNames = new(() => new KeywordSearch([.. _keywords, .. AssignmentScanner.Triggers]));
        _ranked = detectors.Concat(SecretDetectors.Named).Select((d, i) => (Detector: d, Rank: i)).ToFrozenDictionary(p => p.Detector.Id, StringComparer.Ordinal);
    }

    /// <summary>The scanner without detectors of a policy.</summary>
    public static SecretScanner Default => Shared.Value;

    /// <exception cref="FormatException">There is no detector with this id.</exception>
    public SecretDetector Find(string id) => _ranked.TryGetValue(id, out var found) ? found.Detector : throw new FormatException($"no detector '{id}'");

    /// <summary>Everything in <paramref name="bytes"/>, in order of place, one for each place.</summary>
    public List<RawMatch> Scan(ReadOnlySpan<byte> bytes, FileContext file)
    {
        var pass = new Pass(this, bytes, file);
        (file.HasAssignments ? _tokensAndNames : _tokens).Value.Search(bytes, ref pass);
        return Distinct(pass.Found);
    }

    /// <summary>How often a keyword occurs: the first step alone, for measuring it.</summary>
    internal long CountKeywords(ReadOnlySpan<byte> bytes, FileContext file)
    {
        var count = new Count();
        (file.HasAssignments ? _tokensAndNames : _tokens).Value.Search(bytes, ref count);
        return count.Hits;
    }

    private List<RawMatch> Distinct(List<RawMatch> found)
    {
        if (found.Count < 2)
        {
            return found;
        }

        var kept = new List<RawMatch>(found.Count);
        foreach (var match in found.OrderBy(m => m.Found.Start).ThenBy(RankOf))
        {
            if (kept.Count == 0 || match.Found.Start >= kept[^1].Found.End)
            {
                kept.Add(match);
            }
            else if (Better(match, kept[^1]))
            {
                kept[^1] = match;
            }
        }

        return kept;
    }

    private bool Better(RawMatch match, RawMatch than) =>
        match.Found.Doubtful != than.Found.Doubtful ? than.Found.Doubtful : RankOf(match) < RankOf(than);

    /// <summary>Which detector wins where two see the same place: the lower.</summary>
    private int RankOf(RawMatch match) => _ranked[match.Detector.Id].Rank;

    private struct Count : IKeywordSink
    {
        public long Hits { get; private set; }

        public void Hit(int position, int keyword) => Hits++;
    }

    private ref struct Pass(SecretScanner scanner, ReadOnlySpan<byte> bytes, FileContext file) : IKeywordSink
    {
        private const int Most = 1000;
        private readonly ReadOnlySpan<byte> _bytes = bytes;
        private readonly List<(string Detector, Found Found)> _cells = [];
        private int _namesEnd;
        private Range _rows;

        public List<RawMatch> Found { get; } = [];

        public void Hit(int position, int keyword)
        {
            if (Found.Count >= Most)
            {
                return;
            }

            if (keyword >= scanner._byKeyword.Length)
            {
                Name(position);
                return;
            }

            foreach (var detector in scanner._byKeyword[keyword])
            {
                if (detector.Applies(file) && detector.Match(_bytes, position, scanner._keywords[keyword].Text.Length, file, out var found) && found.End > found.Start)
                {
                    Found.Add(new RawMatch(detector, found));
                }
            }
        }

        private void Name(int position)
        {
            if (position < _namesEnd)
            {
                return;
            }

            if (AssignmentScanner.TryMatch(_bytes, position, file, out var id, out var found, out _namesEnd))
            {
                Found.Add(new RawMatch(scanner.Find(id), found));
            }
            else if (file.Syntax is FileSyntax.Text or FileSyntax.Documentation or FileSyntax.Sql or FileSyntax.Code)
            {
                _cells.Clear();
                var start = AssignmentScanner.NameStart(_bytes, position);
                if (file.Syntax == FileSyntax.Sql)
                {
                    InsertStatements.Find(_bytes, start, _namesEnd, _cells);
                }
                else if (file.Syntax == FileSyntax.Code)
                {
                    TestRows.Find(_bytes, start, _namesEnd, _cells);
                }
                else if (position < _rows.Start.Value || position >= _rows.End.Value)
                {
                    _rows = Tables.Find(_bytes, start, _namesEnd, _cells) is { End.Value: > 0 } rows ? rows : _rows;
                }

                foreach (var (detector, cell) in _cells)
                {
                    Found.Add(new RawMatch(scanner.Find(detector), cell));
                }
            }
        }
    }
}

/// <summary>A secret's place in the bytes that were scanned.</summary>
internal readonly record struct RawMatch(SecretDetector Detector, Found Found);
