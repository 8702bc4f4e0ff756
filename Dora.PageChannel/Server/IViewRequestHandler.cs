using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>Tells clients the workers and mounts.</summary>
internal interface IViewRequestHandler
{
    /// <summary>Tells them as soon as they are newer than what the client has, and else when the time is over.</summary>
    /// <param name="request">What the client has, and how long it waits.</param>
    /// <param name="cancellationToken">Ends the wait, without an answer.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    ValueTask<ViewOutcome> ViewAsync(ViewRequest request, CancellationToken cancellationToken);
}
