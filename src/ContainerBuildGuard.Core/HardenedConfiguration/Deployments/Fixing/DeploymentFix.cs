namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>A file that was put right.</summary>
public sealed record FixedFile(string Path, int Edits);

/// <summary>Makes the safe edits of an audit, again and again until none is left; a second run then changes nothing.</summary>
public static class DeploymentFix
{
    private const int MostRounds = 200;

    /// <summary>Writes the files in place, each whole or not at all.</summary>
    public static IReadOnlyList<FixedFile> Apply(DeploymentAuditRequest request, CancellationToken cancellationToken)
    {
        var edited = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var round = 0; round < MostRounds; round++)
        {
            DeploymentAudit.Run(request, out var fixes, cancellationToken);
            var safe = fixes.Where(f => f is { IsSafe: true, Edit.Source.IsFile: true }).GroupBy(f => f.Edit.Source.Path).ToList();
            if (safe.Count == 0)
            {
                break;
            }

            foreach (var file in safe)
            {
                edited[file.Key] = edited.GetValueOrDefault(file.Key) + Write(file.Key, [.. file.Select(f => f.Edit)]);
            }
        }

        return [.. edited.Select(e => new FixedFile(e.Key, e.Value))];
    }

    /// <summary>Makes the edits from the end of the file to its beginning; of several at one place, only the first: the next round sees what it made of the file.</summary>
    internal static int Write(string path, IReadOnlyList<TextEdit> edits)
    {
        var text = edits[0].Source.Text;
        var (next, made) = (int.MaxValue, 0);
        foreach (var edit in edits.OrderByDescending(e => e.Start).ThenByDescending(e => e.Length).DistinctBy(e => e.Start))
        {
            if (edit.Start + edit.Length <= next)
            {
                text = string.Concat(text.AsSpan(0, edit.Start), edit.Replacement, text.AsSpan(edit.Start + edit.Length));
                (next, made) = (edit.Start, made + 1);
            }
        }

        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            File.WriteAllText(beside, text);
            File.Move(beside, path, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }

        return made;
    }
}
