namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Something of a signature that breaks the specification, or an answer that cannot be used. The message is a clause without a closing period; it becomes a reason, never a crash.</summary>
internal sealed class NotationException(string message, Exception? inner = null) : Exception(message, inner);
