using System.Globalization;
using System.Text;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>The accounts of <c>/etc/passwd</c>: user ids by name.</summary>
internal sealed record AccountFile(IReadOnlyDictionary<string, int> UserIds)
{
    public static AccountFile Empty { get; } = new(new Dictionary<string, int>());

    public static AccountFile Parse(string text)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(':') is [{ Length: > 0 } name, _, var id, ..] && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                ids.TryAdd(name, number);
            }
        }

        return new AccountFile(ids);
    }
}

/// <summary>Reads <c>/etc/passwd</c> of every layer; the one that a container sees counts.</summary>
internal sealed class AccountObserver : ILayerObserver
{
    public string Version => "passwd/1";

    public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor();

    public static AccountFile Visible(ImageInspection inspection) =>
        inspection.Visitors<Visitor>().LastOrDefault(v => v.Entry is not null && inspection.Files.IsVisible(v.Entry))?.Accounts ?? AccountFile.Empty;

    internal sealed class Visitor : ILayerVisitor
    {
        public LayerEntry? Entry { get; private set; }

        public AccountFile? Accounts { get; private set; }

        public ContentInterest Visit(LayerEntry entry) => entry.Path == "etc/passwd" && entry.Size < 1 << 20 ? ContentInterest.Whole : ContentInterest.None;

        public void Content(LayerEntry entry, ContentWindow window)
        {
            if (entry.Path == "etc/passwd")
            {
                (Entry, Accounts) = (entry, AccountFile.Parse(Encoding.UTF8.GetString(window.Bytes.Span)));
            }
        }

        public void Save(FactWriter facts)
        {
            facts.Write(Entry is not null);
            if (Entry is not null)
            {
                facts.Write(Entry);
                facts.WriteList(Accounts!.UserIds, (w, account) =>
                {
                    w.Write(account.Key);
                    w.Write(account.Value);
                });
            }
        }

        public void Load(FactReader facts)
        {
            if (facts.ReadBoolean())
            {
                (Entry, Accounts) = (facts.ReadEntry(), new AccountFile(facts.ReadList(r => KeyValuePair.Create(r.ReadText(), r.ReadInt32())).ToDictionary(StringComparer.Ordinal)));
            }
        }
    }
}
