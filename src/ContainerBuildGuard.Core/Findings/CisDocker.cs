using System.Globalization;

namespace ContainerBuildGuard.Findings;

/// <summary>
/// The CIS Docker Benchmark's numbers by edition. Rules refer to 1.6.0; 1.7.0 numbers alike; 1.8.0 puts a recommendation about the devicemapper driver at 2.7 and moves the rest of
/// section 2 up by one.
/// </summary>
public static class CisDocker
{
    private const string Prefix = "CIS Docker ";
    private const string Newest = "1.8.0";
    private const int Inserted = 7;

    /// <summary>The editions whose numbers are known, oldest first.</summary>
    public static IReadOnlyList<string> Editions { get; } = ["1.6.0", "1.7.0", Newest];

    /// <summary>The numbers that a rule's references have in one edition; empty where the edition does not ask.</summary>
    public static IEnumerable<string> Numbers(IEnumerable<string> references, string edition) =>
        references.Where(r => r.StartsWith(Prefix, StringComparison.Ordinal)).Select(r => Number(r[Prefix.Length..], edition)).OfType<string>();

    /// <summary>The numbers in every edition that asks; nothing for references to other documents.</summary>
    public static IEnumerable<(string Edition, IReadOnlyList<string> Numbers)> ByEdition(IReadOnlyCollection<string> references) =>
        Editions.Select(e => (e, (IReadOnlyList<string>)[.. Numbers(references, e)])).Where(e => e.Item2.Count > 0);

    /// <summary>A reference is a number of 1.6.0 (<c>2.7</c>), or names the edition that the number is of and since which it is asked (<c>1.8.0: 2.7</c>).</summary>
    private static string? Number(string reference, string edition) =>
        reference.Split(": ") is [var since, var added] ? since == edition ? added : null
        : edition == Newest && reference.StartsWith("2.", StringComparison.Ordinal) && int.TryParse(reference.AsSpan(2), NumberStyles.None, CultureInfo.InvariantCulture, out var minor) && minor >= Inserted
            ? string.Create(CultureInfo.InvariantCulture, $"2.{minor + 1}")
        : reference;
}
