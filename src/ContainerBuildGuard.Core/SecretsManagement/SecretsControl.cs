using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Secrets in an image: every file of every layer (deleted ones too), environment, labels, annotations, history and commands.</summary>
public sealed class SecretsControl : IImageControl
{
    public Control Control => Control.SecretsManagement;

    private static readonly FileContext Configured = new("", IsApp: true);
    private readonly SecretsOptions _options;
    private readonly ContentScanner _scanner;
    private readonly SecretFindings _findings;

    public SecretsControl(SecretsOptions options) =>
        (_options, _scanner, _findings) = (options, new ContentScanner(options.Scanner, options.Baseline, options.Live), new SecretFindings(options));

    public IEnumerable<ILayerObserver> CreateObservers() => [new SecretObserver(_scanner, _options)];

    public async ValueTask<ControlResult> JudgeAsync(ImageInspection inspection, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var file in inspection.Visitors<SecretVisitor>().SelectMany(v => v.Found).GroupBy(f => f.Entry))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var where = Where(inspection, file.Key);
            findings.AddRange(file.Select(f => f.Match).Select(m => _findings.OfMatch(m, where, inspection.LayerOf(file.Key).At(file.Key.Path))));
        }

        var reported = findings.Select(f => f.Location.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in inspection.Files.Visible.Concat(inspection.Files.Hidden).Where(e => e.Type == EntryType.File && e.Size > 0 && inspection.LayerOf(e).Origin == Origin.App && !reported.Contains(e.Path)))
        {
            if (SecretFiles.Kind(entry.Path) is { } kind)
            {
                findings.Add(SecretFindings.OfFile(kind, Where(inspection, entry), inspection.LayerOf(entry).At(entry.Path)));
            }
        }

        foreach (var (place, text) in Configuration(inspection))
        {
            findings.AddRange(_scanner.Scan(Encoding.UTF8.GetBytes(text), Configured).Select(m => _findings.OfMatch(m, place, new Location(), $"{m.DetectorId} {place}")));
        }

        var gaps = inspection.Visitors<SecretVisitor>().SelectMany(v => v.Unread).Select(u => new Gap("file", u.Reason, u.Entry.LayerIndex, u.Entry.Path));
        return new ControlResult { Findings = _options.Live is { } live ? await live.VerifyAsync(findings, cancellationToken) : findings, Gaps = [.. gaps] };
    }

    private static string Where(ImageInspection inspection, LayerEntry entry) =>
        inspection.Files.IsVisible(entry) ? $"/{entry.Path}" : $"/{entry.Path}, which a later layer deletes or replaces but which is still in the image,";

    private static IEnumerable<(string Place, string Text)> Configuration(ImageInspection inspection)
    {
        var image = inspection.Image;
        foreach (var variable in image.Config.Env)
        {
            yield return ($"the environment variable '{variable.Split('=')[0]}'", variable);
        }

        foreach (var (name, value) in image.Config.Labels.Concat(image.Manifest.Annotations))
        {
            yield return ($"the label or annotation '{name}'", $"{name}=\"{value}\"");
        }

        foreach (var step in image.Config.History)
        {
            yield return ("the image's history", step.CreatedBy);
        }

        yield return ("the start command", string.Join(' ', image.Config.Entrypoint.Concat(image.Config.Cmd)));
    }
}
