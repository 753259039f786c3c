using Microsoft.AspNetCore.Http;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>How an exchange goes wrong.</summary>
public enum FaultKind
{
    /// <summary>An answer with an error status, and nothing done.</summary>
    Status,

    /// <summary>The connection is reset before anything is done.</summary>
    Reset,

    /// <summary>Nothing ever comes.</summary>
    Hang,

    /// <summary>The answer says its whole length and breaks off in the middle; one without content is lost, since it has no middle.</summary>
    Truncate,

    /// <summary>The connection is reset in the middle of the request's content.</summary>
    ResetInContent,

    /// <summary>Everything is done, and the connection is reset before the answer.</summary>
    LoseAnswer,
}

/// <summary>A fault for requests whose method and path match, so many times.</summary>
public sealed record Fault(string Method, string PathPart, FaultKind Kind)
{
    public int Times { get; init; } = 1;

    public int Status { get; init; } = 500;

    public string? RetryAfter { get; init; }
}

/// <summary>Faults to come, in front of a server that works.</summary>
public sealed class FaultPlan
{
    private readonly Lock _lock = new();
    private readonly List<(Fault Fault, int Left)> _faults = [];
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many faults happened.</summary>
    public int Happened { get; private set; }

    /// <summary>Completes when a request hangs; asked for again it waits for the next.</summary>
    public async Task HangingAsync()
    {
        await _hanging.Task;
        _hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    public FaultPlan Add(Fault fault)
    {
        lock (_lock)
        {
            _faults.Add((fault, fault.Times));
        }

        return this;
    }

    public void Clear()
    {
        lock (_lock)
        {
            _faults.Clear();
        }
    }

    /// <summary>Lets what hangs go, so that the server can stop.</summary>
    public void Release() => _released.TrySetResult();

    public async Task ServeAsync(HttpContext context, RequestDelegate serve)
    {
        switch (Take(context.Request))
        {
            case null:
                await serve(context);
                break;
            case { Kind: FaultKind.Status } fault:
                context.Response.StatusCode = fault.Status;
                context.Response.Headers.RetryAfter = fault.RetryAfter;
                await context.Response.WriteAsync("""{"errors":[{"code":"UNKNOWN","message":"a fault"}]}""");
                break;
            case { Kind: FaultKind.Hang }:
                _hanging.TrySetResult();
                await Task.WhenAny(_released.Task, Aborted(context));
                break;
            case { Kind: FaultKind.Truncate }:
                await TruncateAsync(context, serve);
                break;
            case { Kind: FaultKind.ResetInContent }:
                var half = new byte[Math.Max(1, (context.Request.ContentLength ?? 2) / 2)];
                _ = await context.Request.Body.ReadAtLeastAsync(half, half.Length, throwOnEndOfStream: false);
                context.Abort();
                break;
            case { Kind: FaultKind.LoseAnswer }:
                context.Response.Body = Stream.Null;
                await serve(context);
                context.Abort();
                break;
            default:
                context.Abort();
                break;
        }
    }

    private static async Task TruncateAsync(HttpContext context, RequestDelegate serve)
    {
        var real = context.Response.Body;
        using var whole = new MemoryStream();
        context.Response.Body = whole;
        await serve(context);
        if (whole.Length == 0)
        {
            // What is flushed before a reset may arrive or not, and a whole answer without content would then be no fault.
            context.Abort();
            return;
        }

        context.Response.Body = real;
        context.Response.ContentLength = whole.Length;
        await real.WriteAsync(whole.GetBuffer().AsMemory(0, (int)whole.Length / 2));
        await real.FlushAsync();
        context.Abort();
    }

    private static Task Aborted(HttpContext context)
    {
        var aborted = new TaskCompletionSource();
        context.RequestAborted.Register(aborted.SetResult);
        return aborted.Task;
    }

    private Fault? Take(HttpRequest request)
    {
        lock (_lock)
        {
            var index = _faults.FindIndex(f => f.Left > 0 && f.Fault.Method == request.Method && $"{request.Path}{request.QueryString}".Contains(f.Fault.PathPart, StringComparison.Ordinal));
            if (index < 0)
            {
                return null;
            }

            Happened++;
            _faults[index] = (_faults[index].Fault, _faults[index].Left - 1);
            return _faults[index].Fault;
        }
    }
}
