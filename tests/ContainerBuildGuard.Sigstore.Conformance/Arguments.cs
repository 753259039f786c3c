namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>Options of the protocol: flags stand alone, everything else has a value, one argument has no name.</summary>
internal sealed class Arguments
{
    private static readonly string[] Flags = ["--staging", "--in-toto"];
    private readonly Dictionary<string, string> _values = [];

    private Arguments(string subject) => Subject = subject;

    /// <summary>The file or digest.</summary>
    public string Subject { get; }

    public static Arguments Parse(string[] args)
    {
        var values = new Dictionary<string, string>();
        string? subject = null;
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                subject = subject is null ? args[i] : throw new ArgumentException($"'{args[i]}' is one argument too many.");
            }
            else if (Flags.Contains(args[i]))
            {
                values[args[i]] = "";
            }
            else
            {
                values[args[i]] = i + 1 < args.Length ? args[i + 1] : throw new ArgumentException($"{args[i]} needs a value.");
                i++;
            }
        }

        var arguments = new Arguments(subject ?? throw new ArgumentException("The file or digest is missing."));
        foreach (var (name, value) in values)
        {
            arguments._values[name] = value;
        }

        return arguments;
    }

    public bool Has(string flag) => _values.ContainsKey(flag);

    public string? Find(string option) => _values.GetValueOrDefault(option);

    public string Get(string option) => Find(option) ?? throw new ArgumentException($"{option} is missing.");
}
