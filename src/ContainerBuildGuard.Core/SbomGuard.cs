using System.Diagnostics;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard;

/// <summary>Judges a bill of materials as <see cref="Guard"/> judges an image: the same advisories, rules and policy.</summary>
public static class SbomGuard
{
    /// <summary>Whether a reference names a JSON file, and so a bill of materials.</summary>
    public static bool IsBill(string reference) => SbomReader.LooksLikeOne(reference);

    /// <exception cref="GuardException">The bill or the advisories cannot be read.</exception>
    public static GuardResult Check(string path, GuardRequest request, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var document = SbomReader.Read(path);
        using var index = Guard.OpenAdvisories(request, cancellationToken);
        var judged = new ContentSecurityControl(index, Guard.ContentOptions(request), request.Time).Judge(document, cancellationToken);
        var judgement = PolicyJudge.Judge(request.Policy, judged.Findings, judged.Gaps, request.Time);
        return new GuardResult
        {
            Reference = document.Subject,
            Controls = [Control.ContentSecurity],
            Packages = [.. judged.Packages],
            Gaps = [.. judged.Gaps],
            Elapsed = clock.Elapsed,
            Verdict = judgement.Verdict,
            Findings = judgement.Findings,
            Refusing = judgement.Refusing,
        };
    }
}
