namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// The shape of a token: literals, runs of a character class, choices. It is matched on bytes outward from an anchor, the literal that the keyword search
/// found: what stands before it backward, what follows forward. A bound on the steps keeps every input linear.
/// </summary>
internal sealed class Shape
{
    private const int MostSteps = 4096;
    private readonly Node? _before;
    private readonly Node? _after;
    private readonly ByteSet? _last;

    internal Shape(Node? before, Node? after, ByteSet? last) => (_before, _after, _last) = (before, after, last);

    /// <summary>The bytes from <paramref name="start"/> to <paramref name="end"/> have the shape and stand alone: no word character touches them.</summary>
    public bool TryMatch(ReadOnlySpan<byte> bytes, int anchor, int anchorLength, out int start, out int end)
    {
        var steps = 0;
        end = -1;
        start = Match(_before, bytes, anchor, -1, ref steps);
        if (start < 0 || !Boundary.IsStart(bytes, start))
        {
            return false;
        }

        end = Match(_after, bytes, anchor + anchorLength, 1, ref steps);
        return end >= 0 && Boundary.IsEnd(bytes, end, _last);
    }

    /// <summary>Whether all of <paramref name="bytes"/> has the shape; for shapes without an anchor.</summary>
    public bool IsWhole(ReadOnlySpan<byte> bytes)
    {
        var steps = 0;
        return Match(_after, bytes, 0, 1, ref steps) == bytes.Length;
    }

    private static int Match(Node? node, ReadOnlySpan<byte> bytes, int at, int direction, ref int steps)
    {
        for (; node is not null; node = node.Next)
        {
            if (++steps > MostSteps)
            {
                return -1;
            }

            switch (node)
            {
                case Literal literal:
                    var from = direction > 0 ? at : at - literal.Bytes.Length;
                    if (from < 0 || !bytes[from..].StartsWith(literal.Bytes))
                    {
                        return -1;
                    }

                    at += direction * literal.Bytes.Length;
                    break;
                case Run run:
                    var most = direction > 0 ? run.Set.Prefix(bytes.Slice(at, Math.Min(run.Most, bytes.Length - at))) : run.Set.Suffix(bytes[Math.Max(0, at - run.Most)..at]);
                    if (most < run.Least)
                    {
                        return -1;
                    }

                    for (var length = most; run.GivesBack && length > run.Least; length--)
                    {
                        if (Match(run.Next, bytes, at + (direction * length), direction, ref steps) is >= 0 and var end)
                        {
                            return end;
                        }
                    }

                    at += direction * (run.GivesBack ? run.Least : most);
                    break;
                case Choice choice:
                    foreach (var option in choice.Options)
                    {
                        if (Match(option, bytes, at, direction, ref steps) is >= 0 and var end)
                        {
                            return end;
                        }
                    }

                    return -1;
            }
        }

        return at;
    }

    internal abstract record Node
    {
        public Node? Next { get; init; }
    }

    internal sealed record Literal(byte[] Bytes) : Node;

    /// <summary><see cref="GivesBack"/>: what follows may begin with a byte of the set, so that a shorter run can be the right one.</summary>
    internal sealed record Run(ByteSet Set, int Least, int Most, bool GivesBack) : Node;

    /// <summary>One of several continuations; each already leads on to what follows the choice.</summary>
    internal sealed record Choice(Node?[] Options) : Node;
}
