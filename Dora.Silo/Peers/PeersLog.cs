using Microsoft.Extensions.Logging;

namespace Dora.Silo.Peers;

/// <summary>What the exchange with other workers says. Event ids 3200 to 3249; retired numbers stay reserved.</summary>
internal static partial class PeersLog
{
    [LoggerMessage(3200, LogLevel.Information, "Stopping: {Bytes} bytes of pages handed over in {Seconds:0.0} s (time limit reached: {IsCut})")]
    public static partial void HandedOver(ILogger logger, long bytes, double seconds, bool isCut);

    [LoggerMessage(3201, LogLevel.Warning, "Stopping: worker {Worker} takes no pages over: {Reason}")]
    public static partial void HandOverFailed(ILogger logger, WorkerId worker, string reason);

    [LoggerMessage(3202, LogLevel.Information, "Stopping: metadata of {Files} files handed over in {Seconds:0.0} s")]
    public static partial void MetadataHandedOver(ILogger logger, long files, double seconds);

    [LoggerMessage(3203, LogLevel.Warning, "Stopping: worker {Worker} takes no metadata over: {Reason}")]
    public static partial void MetadataHandOverFailed(ILogger logger, WorkerId worker, string reason);

    [LoggerMessage(3204, LogLevel.Information, "Metadata of {Files} files taken over from {Workers} workers in {Seconds:0.0} s")]
    public static partial void MetadataTaken(ILogger logger, long files, int workers, double seconds);

    [LoggerMessage(3206, LogLevel.Information, "Stopping: all other workers stop too, so nothing is handed over to them")]
    public static partial void NobodyStays(ILogger logger);

    [LoggerMessage(3205, LogLevel.Error, "Other workers' metadata is not taken over; the stores are asked")]
    public static partial void MetadataNotTaken(ILogger logger, Exception e);
}
