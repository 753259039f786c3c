using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Rights, links and size in the union of the layers.</summary>
internal static class FileRules
{
    private const long LargeLayer = 500L << 20;

    public static Rule OwnedByUser { get; } = Descriptor("CBG2052", "App can change its own files", Severity.Info, "CIS Docker 5.13");
    public static Rule PrivateFile { get; } = Descriptor("CBG2053", "Private file is readable by everybody", Severity.Medium, "NIST SP 800-190 4.1.4");
    public static Rule Link { get; } = Descriptor("CBG2054", "Link leads out of the image or nowhere", Severity.Low, "OCI image specification, layers");
    public static Rule BaseSetuid { get; } = Descriptor("CBG2055", "Base image has setuid or setgid programs", Severity.Info, "CIS Docker 4.8");
    public static Rule BaseCapability { get; } = Descriptor("CBG2065", "Base image has programs with capabilities", Severity.Low, "CIS Docker 4.8");
    public static Rule BaseWritable { get; } = Descriptor("CBG2066", "Base image has places that everybody can write to", Severity.Low, "CIS Docker 4.8");
    public static Rule Pipe { get; } = Descriptor("CBG2067", "App layer holds a pipe", Severity.Low, "OCI image specification, layers");
    public static Rule LargeLayers { get; } = Descriptor("CBG2063", "Layer is very large", Severity.Info, "Docker best practices, layers");
    public static Rule BuildTimes { get; } = Descriptor("CBG2061", "Image cannot be reproduced", Severity.Info, "reproducible-builds.org, SOURCE_DATE_EPOCH");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(OwnedByUser, f => UserId(f) is { } id and > 0 && f.AppFiles.Where(e => e.UserId == id && (e.Mode & 0b010_000_000) != 0).ToList() is { Count: > 0 } owned
            ? [new ImageHit($"The user of the image owns {owned.Count} files of the app, /{owned[0].Path} first: who takes over the process can change it while the container lives.", "The SDK gives the app's files to a numeric ContainerUser: run the container with a read-only root file system (readOnlyRootFilesystem: true, docker run --read-only) and a volume for data.") { Entry = owned[0], Key = "owned" }] : []),
        new(PrivateFile, f => f.Inspection.Files.Visible.Where(IsOpen).OrderBy(e => e.Path, StringComparer.Ordinal).Select(e => new ImageHit($"/{e.Path} is meant for its owner alone and {(e.Type == EntryType.File ? "readable by" : "open to")} everybody (mode {Convert.ToString(e.Mode & 0xFFF, 8)}).", "Keep it out of the image; where it must be there, chmod go-rwx.") { Entry = e })),
        new(Link, f => f.AppEntries.Where(e => e is { Type: EntryType.SymbolicLink, LinkTarget: not null } && IsBroken(f, e)).Select(e => new ImageHit($"/{e.Path} links to '{e.LinkTarget}', which is outside the image or not in it.", "Publish the file itself: CopyToPublishDirectory follows no links.") { Entry = e })),
        new(BaseSetuid, f => Summary(f, e => PackageOwners.IsPrivileged(e) && !f.Owners.IsStray(e), "setuid or setgid programs", "no-new-privileges (allowPrivilegeEscalation: false) takes their power; a chiseled base has none.", f.Owners.PackageOf)
            .Concat(Summary(f, e => PackageOwners.IsPrivileged(e) && f.Owners.IsStray(e), "setuid or setgid programs that no package brought", "Find out how they came into the base: nobody updates them, and no distribution vouches for them. Take another base, or chmod u-s,g-s them there.").Select(h => h with { Severity = Severity.Medium }))),
        new(BaseCapability, f => Summary(f, e => e.ExtendedAttributes.ContainsKey("SCHILY.xattr.security.capability"), "programs with file capabilities", "cap_drop: [ALL] takes their power; a chiseled base has none.")),
        new(BaseWritable, f => Summary(f, e => e.Type is EntryType.File or EntryType.Directory && (e.Mode & 0b010) != 0 && (e.Mode & 0b001_000_000_000) == 0, "files or folders that everybody can write to", "A read-only root file system closes them.")),
        new(Pipe, f => f.AppEntries.Where(e => e.Type == EntryType.Fifo).Select(e => new ImageHit($"/{e.Path} is a named pipe: who opens it waits for somebody at the other end.", "Make it at run time, in a volume.") { Entry = e })),
        new(LargeLayers, f => f.Inspection.Layers.Select(l => (Layer: l, Bytes: f.Inspection.Files.Visible.Where(e => e.LayerIndex == l.Index).Sum(e => e.Size))).Where(l => IsLarge(l.Bytes))
            .Select(l => new ImageHit($"Layer {l.Layer.Index} holds {WasteRules.Megabytes(l.Bytes)} MB.", l.Layer.Origin == Origin.App ? "Trim (PublishTrimmed), publish for one runtime, keep models and data out of the image." : "Take a smaller base: ContainerFamily noble-chiseled or alpine.") { Key = l.Layer.Index.ToString(CultureInfo.InvariantCulture) })),
        new(BuildTimes, f => f.AppFiles.Select(e => e.Modified).Distinct().Take(2).Count() > 1 && f.Config.Created is { } created && !created.StartsWith("1970-", StringComparison.Ordinal)
            ? [new ImageHit("The layers and the configuration carry times of the build: building the same sources again gives another digest.", "SDK 11 honours SOURCE_DATE_EPOCH; until then compare images by their files and not by their digest.") { Key = "times" }] : []),
    ];

    /// <summary>Whether a layer of so many bytes is worth a word.</summary>
    internal static bool IsLarge(long bytes) => bytes > LargeLayer;

    private static int? UserId(HardeningFacts facts)
    {
        var user = facts.Config.User.Split(':')[0];
        return int.TryParse(user, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : facts.Accounts.UserIds.TryGetValue(user, out var named) ? named : null;
    }

    /// <summary>A private file that others may read, or a private folder that they may list or enter.</summary>
    private static bool IsOpen(LayerEntry entry) => entry.Type switch
    {
        EntryType.File => (entry.Mode & 0b100) != 0 && IsPrivate(entry),
        EntryType.Directory => (entry.Mode & 0b101) != 0 && entry.Name is ".ssh" or ".gnupg" or ".aws" or ".azure" or ".kube" or ".docker" or "DataProtection-Keys",
        _ => false,
    };

    private static bool IsPrivate(LayerEntry entry) => entry.Path is "etc/shadow" or "etc/gshadow"
        || (entry.Path.Contains("/.ssh/", StringComparison.Ordinal) && !entry.Name.EndsWith(".pub", StringComparison.Ordinal) && entry.Name is not ("known_hosts" or "config" or "authorized_keys"))
        || (entry.Path.StartsWith("etc/ssh/ssh_host_", StringComparison.Ordinal) && entry.Name.EndsWith("_key", StringComparison.Ordinal))
        || (entry.Path.StartsWith("root/", StringComparison.Ordinal) && entry.Name is ".netrc" or ".pgpass" or ".git-credentials" or ".bash_history");

    private static bool IsBroken(HardeningFacts facts, LayerEntry link)
    {
        var folder = link.Path.Contains('/', StringComparison.Ordinal) ? link.Path[..link.Path.LastIndexOf('/')] : "";
        var parts = link.LinkTarget!.StartsWith('/') ? new List<string>() : [.. folder.Split('/', StringSplitOptions.RemoveEmptyEntries)];
        foreach (var part in link.LinkTarget.Split('/'))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                {
                    return true;
                }

                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "."))
            {
                parts.Add(part);
            }
        }

        var target = string.Join('/', parts);
        var runtime = target.Length == 0 || target.StartsWith("proc/", StringComparison.Ordinal) || target.StartsWith("dev/", StringComparison.Ordinal) || target.StartsWith("run/", StringComparison.Ordinal) || target.StartsWith("tmp/", StringComparison.Ordinal);
        return !runtime && facts.Find(target) is null && !facts.Inspection.Files.Visible.Any(e => e.Path.StartsWith(target + "/", StringComparison.Ordinal)) && !parts.SkipLast(1).Select((_, i) => string.Join('/', parts.Take(i + 1))).Any(p => facts.Find(p) is { Type: EntryType.SymbolicLink });
    }

    /// <summary>One finding for all of the base's: the project changes them only by taking another base.</summary>
    private static IEnumerable<ImageHit> Summary(HardeningFacts facts, Func<LayerEntry, bool> which, string what, string remedy, Func<LayerEntry, string?>? owner = null)
    {
        var found = facts.Inspection.Files.Visible.Where(e => !facts.IsApp(e) && which(e)).OrderBy(e => e.Path, StringComparer.Ordinal).ToList();
        return found.Count == 0 ? [] : [new ImageHit($"The image has {found.Count} {what}: {string.Join(", ", found.Take(5).Select(e => "/" + e.Path + (owner?.Invoke(e) is { } package ? $" ({package})" : "")))}{(found.Count > 5 ? "…" : "")}.", remedy) { Entry = found[0], Key = what }];
    }
}
