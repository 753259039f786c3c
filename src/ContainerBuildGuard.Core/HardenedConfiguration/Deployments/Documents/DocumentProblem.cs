namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Something in a file that could not be read or understood, with its place. What it stands for was not checked.</summary>
internal sealed record DocumentProblem(SourceText Source, int Line, int Column, string Reason)
{
    /// <summary>A remark on a document that was still checked (a key twice), not a part that was not.</summary>
    public bool StillChecked { get; init; }

    public static DocumentProblem At(Node node, string reason) => new(node.Source, node.Place.Line, node.Place.Column, reason);
}

/// <summary>What a text holds: documents, and what could not be read.</summary>
internal sealed record ReadDocuments(IReadOnlyList<Node> Documents, IReadOnlyList<DocumentProblem> Problems);
