using Microsoft.Extensions.Logging;

namespace Dora.Silo.Peers;

/// <summary>What the exchange with other workers says. Event ids 3200 to 3249; retired numbers stay reserved.</summary>
internal static partial class PeersLog
{
    [LoggerMessage(3200, LogLevel.Information, "Stopping: {Bytes} bytes of pages handed over in {Seconds:0.0} s (time limit reached: {IsCut})")]
    public static partial void HandedOver(ILogger logger, long bytes, double seconds, bool isCut);

    [LoggerMessage(3201, LogLevel.Warning, "Stopping: worker {Worker} takes no pages over: {Reason}")]
    public static partial void HandOverFailed(ILogger logger, WorkerId worker, string reason);
}
