using System.Net.Sockets;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Says why an engine cannot be asked.</summary>
internal static class EngineErrors
{
    public static GuardException Unreachable(string what, Exception? inner = null) => new(GuardRules.Unreachable.Code, GuardFailure.Environment, $"The container engine cannot be asked: {what}.", inner);

    /// <summary>Whether an exception is the engine's or the way's to it, and not this program's or the caller's wish.</summary>
    public static bool IsOurs(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException or JsonException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    public static GuardException Of(Exception e) => e.GetBaseException() switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } => new GuardException(GuardRules.Denied.Code, GuardFailure.Environment, "You may not use the container engine's socket: run as root, or name the rootless engine's own socket with --host.", e),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable or SocketError.HostNotFound } => Unreachable("nothing listens at its address; start it or name another with --host", e),
        OperationCanceledException => Unreachable("it did not answer within 60 seconds", e),
        JsonException => Unreachable("its answer is not JSON; is it a container engine?", e),
        var cause => Unreachable(cause.Message.TrimEnd('.'), e),
    };
}
