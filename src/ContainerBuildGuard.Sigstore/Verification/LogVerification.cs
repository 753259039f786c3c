namespace ContainerBuildGuard.Sigstore;

/// <summary>The transparency log's part of a verification.</summary>
internal sealed class LogVerification(Bundle bundle, TrustedRoot? root, DateTimeOffset now)
{
    /// <summary>Verifies the promises of Rekor v1 and adds their times.</summary>
    public string? CheckPromises(List<DateTimeOffset> times)
    {
        foreach (var entry in bundle.LogEntries.Where(e => e.SignedEntryTimestamp is not null))
        {
            if (entry.IntegratedTime is 0 or > 253402300799)
            {
                return "a log entry with a promise does not say when the log took it";
            }

            var time = DateTimeOffset.FromUnixTimeSeconds(entry.IntegratedTime);
            if (time > now + VerificationRun.ClockSkew)
            {
                return $"the log entry of {time:u} lies in the future: check this machine's clock";
            }

            var (log, reason) = FindLog(entry, time);
            if (log is null)
            {
                return reason;
            }

            if (!SignedEntryTimestamp.Verify(entry, log.Key!))
            {
                return $"the promise to include the log entry is not by the key of {log.Name}";
            }

            times.Add(time);
        }

        return null;
    }

    /// <summary>Verifies inclusion proofs and checkpoints, and counts the logs.</summary>
    public string? CheckProofs(int threshold)
    {
        var logs = new HashSet<string>();
        foreach (var entry in bundle.LogEntries)
        {
            var time = entry.SignedEntryTimestamp is null ? (DateTimeOffset?)null : DateTimeOffset.FromUnixTimeSeconds(entry.IntegratedTime);
            var (log, reason) = FindLog(entry, time);
            if (log is null)
            {
                return reason;
            }

            if (entry.InclusionProof is { } proof && (CheckProof(entry, proof) ?? CheckCheckpoint(proof, log)) is { } why)
            {
                return why;
            }

            // Without a proof (version 0.1) the verified promise stands for it.
            logs.Add(Convert.ToHexString(log.LogId));
        }

        return logs.Count >= threshold ? null : $"the signature is in {logs.Count} transparency logs, {threshold} are needed";
    }

    private (TransparencyLog? Log, string Reason) FindLog(LogEntry entry, DateTimeOffset? time)
    {
        var named = root!.TransparencyLogs.Where(l => l.LogId.AsSpan().SequenceEqual(entry.LogId)).ToList();
        if (named.Count == 0)
        {
            return (null, $"the trusted root has no transparency log {Convert.ToHexStringLower(entry.LogId)}");
        }

        // A log of Rekor v2 does not say when it took the entry: its key must at least be in use by now.
        return named.Find(l => time is { } moment ? l.ValidFor.Contains(moment) : l.ValidFor.Start <= now) is not { } valid
            ? (null, $"the transparency log {named[0].Name} was not trusted at {time ?? now:u}")
            : valid.Key is null
                ? (null, $"the key of the transparency log {valid.Name} is of a kind that this client does not verify")
                : (valid, "");
    }

    private static string? CheckProof(LogEntry entry, InclusionProof proof)
    {
        if (IsRekor2(entry) && proof.LogIndex != entry.LogIndex)
        {
            return "the log entry's index is not its inclusion proof's";
        }

        var reached = MerkleTree.RootOf(MerkleTree.LeafHash(entry.CanonicalizedBody), proof.LogIndex, proof.TreeSize, proof.Hashes);
        return reached is not null && reached.AsSpan().SequenceEqual(proof.RootHash) ? null : "the inclusion proof does not lead from the log entry to the tree's root";
    }

    private static string? CheckCheckpoint(InclusionProof proof, TransparencyLog log)
    {
        if (proof.Checkpoint is not { } envelope)
        {
            return null;
        }

        if (Checkpoint.Parse(envelope) is not { } checkpoint)
        {
            return "the checkpoint is not a signed note with origin, size and root";
        }

        return checkpoint.CheckSignature(log)
            ?? (checkpoint.Size == proof.TreeSize && checkpoint.RootHash.AsSpan().SequenceEqual(proof.RootHash) ? null : "the checkpoint is of another tree than the inclusion proof");
    }

    private static bool IsRekor2(LogEntry entry) => entry is { SignedEntryTimestamp: null, KindVersion: "0.0.2", Kind: "hashedrekord" or "dsse" };
}
