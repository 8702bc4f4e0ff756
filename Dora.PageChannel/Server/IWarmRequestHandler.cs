using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>Answers on the spot, for the thread that serves a connection: never waits and allocates nothing.</summary>
internal interface IWarmRequestHandler
{
    /// <summary>
    /// Reads on the spot what is this worker's, cached, and in memory. Never waits and allocates nothing, so that the thread that serves a connection may
    /// call it.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="destination">At least as long as the range wanted.</param>
    /// <param name="outcome">The answer, Ok, when the result is <see langword="true"/>.</param>
    /// <returns><see langword="false"/>: ask <see cref="IPageRequestHandler.ReadAsync"/>.</returns>
    bool TryReadWarm(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome);

    /// <summary>Answers on the spot what this worker owns and knows, that nothing is there too; as <see cref="TryReadWarm"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="outcome">The answer when the result is <see langword="true"/>.</param>
    /// <returns><see langword="false"/>: ask <see cref="IPageRequestHandler.StatAsync"/>.</returns>
    bool TryStatWarm(in StatRequest request, out StatOutcome outcome);

    /// <summary>As <see cref="IPageRequestHandler.LocateAsync"/>, when all the bytes wanted are this worker's, cached and checked.</summary>
    /// <returns><see langword="false"/>: ask <see cref="IPageRequestHandler.LocateAsync"/>.</returns>
    bool TryLocateWarm(in LocateRequest request, Span<PageLocation> locations, out LocateOutcome outcome);

    /// <summary>As <see cref="TryReadWarm"/> for the start of a file by its path.</summary>
    /// <param name="request">The request.</param>
    /// <param name="destination">What the bytes must fit in.</param>
    /// <param name="outcome">The answer when the result is <see langword="true"/>.</param>
    /// <returns><see langword="false"/>: not all of it is warm, or what is wanted does not fit.</returns>
    bool TryReadFileWarm(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome);
}
