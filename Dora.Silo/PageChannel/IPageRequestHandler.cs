using Dora.PageChannel;

namespace Dora.Silo.PageChannel;

/// <summary>What stands behind the sockets: answers requests, as values.</summary>
internal interface IPageRequestHandler
{
    /// <summary>The membership version this worker acts on.</summary>
    long MembershipVersion { get; }

    /// <summary>Metadata of a Dora path.</summary>
    ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken);

    /// <summary>Reads into <paramref name="destination"/>, which is at least as long as the range wanted.</summary>
    ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken);
}
