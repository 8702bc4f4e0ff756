using Microsoft.Extensions.Logging;

namespace Dora.Storage.Pages;

/// <summary>What a page store says. Ids 3100 to 3199.</summary>
internal static partial class PagesLog
{
    [LoggerMessage(3100, LogLevel.Information, "Page store {Directory}: {Pages} pages in {Segments} segments, {Bytes} of {Capacity} bytes, {Damaged} damaged records dropped")]
    public static partial void Opened(this ILogger logger, string directory, long pages, int segments, long bytes, long capacity, long damaged);

    [LoggerMessage(3101, LogLevel.Warning, "{File} is no page segment of Dora: moved to {Aside}")]
    public static partial void SetAside(this ILogger logger, string file, string aside);

    [LoggerMessage(3102, LogLevel.Warning, "{File} in the page directory is not Dora's and is left alone")]
    public static partial void Ignored(this ILogger logger, string file);

    [LoggerMessage(3103, LogLevel.Error, "Page store {Directory}: the disk refuses writes ({Reason}); pages are served from their stores, {Failures} writes failed since start")]
    public static partial void WriteRefused(this ILogger logger, string directory, string reason, long failures);

    [LoggerMessage(3104, LogLevel.Warning, "{Segment}: damaged record at {Position} dropped, its bytes are fetched again")]
    public static partial void DamagedRecord(this ILogger logger, string segment, long position);

    [LoggerMessage(3105, LogLevel.Warning, "{Segment}: no record at {Position}, the next ones are looked for behind it")]
    public static partial void SteppedOver(this ILogger logger, string segment, long position);

    [LoggerMessage(3106, LogLevel.Error, "Page directory {Directory} is quarantined ({Reason}): its pages are fetched again, the other directories go on, and it is tried from time to time")]
    public static partial void Quarantined(this ILogger logger, string directory, string reason);

    [LoggerMessage(3107, LogLevel.Warning, "Page directory {Directory} works again and starts empty")]
    public static partial void Restored(this ILogger logger, string directory);

    [LoggerMessage(3108, LogLevel.Warning, "Page directory {Directory}: the disk is full below the capacity; {Cap} of {Capacity} bytes are used for now, and more when there is room again")]
    public static partial void Shrunk(this ILogger logger, string directory, long cap, long capacity);

    [LoggerMessage(3109, LogLevel.Information, "Page directory {Directory}: {Segments} segments of format 1 removed, their pages are fetched again")]
    public static partial void OlderRemoved(this ILogger logger, string directory, int segments);

    [LoggerMessage(3110, LogLevel.Warning, "Page directory {Directory}: the file system cannot give parts of files back, so eviction works by whole segments")]
    public static partial void NoHoles(this ILogger logger, string directory);

    [LoggerMessage(3111, LogLevel.Warning, "{Shards} parts of the index checkpoint are damaged: all segments are read")]
    public static partial void BadShards(this ILogger logger, int shards);

    [LoggerMessage(3112, LogLevel.Debug, "Index checkpoint {File}: {Bytes} bytes")]
    public static partial void CheckpointWritten(this ILogger logger, string file, long bytes);

    [LoggerMessage(3113, LogLevel.Warning, "{File} cannot be removed ({Reason}) and is left for the next start")]
    public static partial void Left(this ILogger logger, string file, string reason);

    [LoggerMessage(3114, LogLevel.Error, "Page store: work in the background failed by surprise and goes on")]
    public static partial void MaintenanceFailed(this ILogger logger, Exception exception);

    [LoggerMessage(3115, LogLevel.Warning, "Page directory {Mended}")]
    public static partial void Mended(this ILogger logger, string mended);
}
