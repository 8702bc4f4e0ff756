using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>What stands behind the sockets: answers requests, as values.</summary>
internal interface IPageRequestHandler : IKnownRequestHandler
{
    /// <summary>The membership version this worker acts on.</summary>
    long MembershipVersion { get; }

    /// <summary>Metadata of a Dora path.</summary>
    ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken);

    /// <summary>Reads into <paramref name="destination"/>, which is at least as long as the range wanted.</summary>
    ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Reads on the spot what is this worker's, cached, and in memory. Never waits and allocates nothing, so that the thread that serves a connection may
    /// call it.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="destination">At least as long as the range wanted.</param>
    /// <param name="outcome">The answer, Ok, when the result is <see langword="true"/>.</param>
    /// <returns><see langword="false"/>: ask <see cref="ReadAsync"/>.</returns>
    bool TryReadWarm(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome)
    {
        outcome = default;
        return false;
    }

    /// <summary>Answers on the spot what this worker owns and knows; as <see cref="TryReadWarm"/>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="outcome">The answer, Ok, when the result is <see langword="true"/>.</param>
    /// <returns><see langword="false"/>: ask <see cref="StatAsync"/>.</returns>
    bool TryStatWarm(in StatRequest request, out StatOutcome outcome)
    {
        outcome = default;
        return false;
    }

    /// <summary>Says where bytes lie, for a client on this host.</summary>
    ValueTask<LocateOutcome> LocateAsync(LocateArguments arguments, Memory<PageLocation> locations, CancellationToken cancellationToken) =>
        new(new LocateOutcome(PageChannelStatus.NotSupported, MembershipVersion, null));

    /// <summary>As <see cref="LocateAsync"/>, when all the bytes wanted are this worker's, cached and checked.</summary>
    /// <returns><see langword="false"/>: ask <see cref="LocateAsync"/>.</returns>
    bool TryLocateWarm(in LocateRequest request, Span<PageLocation> locations, out LocateOutcome outcome)
    {
        outcome = default;
        return false;
    }

    /// <summary>Invites a client to the Unix socket of this worker.</summary>
    /// <param name="destination">Receives the frame.</param>
    /// <param name="requestId">The request's id.</param>
    /// <returns>Bytes of the frame; 0: this worker has none.</returns>
    int WriteInvitation(Span<byte> destination, ulong requestId) => 0;

    /// <summary>As <see cref="TryReadWarm"/> for the start of a file by its path.</summary>
    /// <param name="request">The request.</param>
    /// <param name="destination">What the bytes must fit in.</param>
    /// <param name="outcome">The answer when the result is <see langword="true"/>.</param>
    /// <returns><see langword="false"/>: not all of it is warm, or what is wanted does not fit.</returns>
    bool TryReadFileWarm(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome)
    {
        outcome = default;
        return false;
    }
}
