using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>What stands behind the sockets: answers requests, as values.</summary>
internal interface IPageRequestHandler : IWarmRequestHandler, IKnownRequestHandler, ISnapshotRequestHandler, IListRequestHandler, IViewRequestHandler
{
    /// <summary>The membership version this worker acts on.</summary>
    long MembershipVersion { get; }

    /// <summary>Metadata of a Dora path.</summary>
    ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken);

    /// <summary>Reads into <paramref name="destination"/>, which is at least as long as the range wanted.</summary>
    ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Says where bytes lie, for a client on this host.</summary>
    ValueTask<LocateOutcome> LocateAsync(LocateArguments arguments, Memory<PageLocation> locations, CancellationToken cancellationToken);

    /// <summary>Invites a client to the Unix socket of this worker.</summary>
    /// <param name="destination">Receives the frame.</param>
    /// <param name="requestId">The request's id.</param>
    /// <returns>Bytes of the frame; 0: this worker has none.</returns>
    int WriteInvitation(Span<byte> destination, ulong requestId);
}
