namespace Dora.PageChannel.Server;

/// <summary>Lists directories.</summary>
internal interface IListRequestHandler
{
    /// <summary>Gives one page of a directory.</summary>
    /// <param name="arguments">What is asked for.</param>
    /// <param name="destination">Receives the body of the reply, see <see cref="Codec.ListPage"/>: at most <see cref="Codec.ListPage.MaxReply"/> bytes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<ReadOutcome> ListAsync(ListArguments arguments, Memory<byte> destination, CancellationToken cancellationToken);
}
