using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class HostComparisonTests
{
    [TestMethod]
    public void New_fixed_worse_and_no_longer_checked_are_told_apart()
    {
        var rules = HostChecks.All.Select(c => c.Rule).Take(4).ToArray();
        Finding Of(int rule, Severity severity) => new() { Rule = rules[rule], Severity = severity, Message = $"m{rule}", Remedy = "r", Key = "k" };
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $$"""{ "score": 40, "findings": [{{Json(Of(0, Severity.Low))}},{{Json(Of(1, Severity.Low))}},{{Json(Of(2, Severity.Low))}}] }""");
            ImmutableArray<AuditCheck> checks = [new(rules[0], AuditOutcome.Failed, ""), new(rules[1], AuditOutcome.Passed, ""), new(rules[2], AuditOutcome.NotChecked, ""), new(rules[3], AuditOutcome.Failed, "")];
            var comparison = HostComparison.With(file, [Of(0, Severity.High), Of(3, Severity.Low)], checks);
            Assert.AreEqual(40, comparison.PreviousScore);
            Assert.AreEqual($"{rules[0].Code} m0", comparison.Worse.Single());
            Assert.AreEqual($"{rules[1].Code} m1", comparison.Fixed.Single());
            Assert.AreEqual($"{rules[2].Code} m2", comparison.Unknown.Single());
            Assert.AreEqual($"{rules[3].Code} m3", comparison.New.Single());

            File.WriteAllText(file, "[]");
            Assert.AreEqual("CBG9009", Assert.ThrowsExactly<GuardException>(() => HostComparison.With(file, [], checks)).Code);
        }
        finally
        {
            File.Delete(file);
        }

        static string Json(Finding f) => $$"""{ "code": "{{f.Code}}", "message": "{{f.Message}}", "severity": "{{f.Severity.ToString().ToLowerInvariant()}}", "fingerprint": "{{f.Fingerprint}}" }""";
    }
}
