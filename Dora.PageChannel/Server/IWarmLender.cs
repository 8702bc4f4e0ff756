using Dora.Core.Linux;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>
/// A handler that can also lend what is warm, for sending it from where it lies. As <see cref="IWarmRequestHandler"/> never waits and allocates nothing;
/// when the answer is no, that is the way. Nothing else may be asked of the handler while a loan lasts.
/// </summary>
internal interface IWarmLender
{
    /// <summary>Lends the bytes of a read, when they are at least so many and lie in one piece.</summary>
    bool TryLendWarm(in ReadRequest request, int least, out ReadOutcome outcome, out LentBytes lent);

    /// <summary>Lends the start of a file by its path, as <see cref="TryLendWarm"/>.</summary>
    bool TryLendFileWarm(in ReadFileRequest request, int least, out WarmFileOutcome outcome, out LentBytes lent);
}
