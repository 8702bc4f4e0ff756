using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Client;

/// <summary>What the client's end of the page channel says. Event ids 5000 and 5001.</summary>
internal static partial class ChannelClientLog
{
    [LoggerMessage(5000, LogLevel.Warning, "Worker {Worker} does not answer ({Reason}): asking others until it does")]
    public static partial void WorkerSuspected(ILogger logger, WorkerId worker, string reason);

    [LoggerMessage(5001, LogLevel.Information, "Worker {Worker} answers again")]
    public static partial void WorkerRecovered(ILogger logger, WorkerId worker);
}
