using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Short ways to scan in tests.</summary>
internal static class Secrets
{
    public static ContentScanner Scanner { get; } = new(SecretScanner.Default);

    public static List<SecretMatch> In(string content, string path = "app/notes.txt", bool app = true) => In(Encoding.UTF8.GetBytes(content), path, app);

    public static List<SecretMatch> In(byte[] content, string path = "app/notes.txt", bool app = true) => Scanner.ScanWhole(content, new FileContext(path, app), static _ => { });

    public static SecretDetector Detector(this SecretMatch match) => SecretScanner.Default.Find(match.DetectorId);

    public static string Code(this SecretMatch match) => (match.IsDoubtful ? SecretsRules.NamedSecret : match.Detector().Rule).Code;

    public static Rule Rule(this SecretMatch match) => match.Detector().Rule;
}
