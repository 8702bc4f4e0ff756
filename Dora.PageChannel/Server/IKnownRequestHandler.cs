namespace Dora.PageChannel.Server;

/// <summary>Answers what other workers want to know of this one's metadata.</summary>
internal interface IKnownRequestHandler
{
    /// <summary>Tells what is known here; asks neither a store nor another worker.</summary>
    /// <param name="arguments">What is asked for.</param>
    /// <param name="membershipVersion">What the worker that asks acts on.</param>
    /// <param name="destination">Receives the body of the reply, see <see cref="Codec.KnownRecord"/>: <see cref="Codec.KnownRecord.MaxReply"/> bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<ReadOutcome> KnownAsync(KnownArguments arguments, long membershipVersion, Memory<byte> destination, CancellationToken cancellationToken);
}
