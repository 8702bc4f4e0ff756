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

    [LoggerMessage(3105, LogLevel.Warning, "{Segment}: nothing readable from byte {Position} on, cut there")]
    public static partial void TailCut(this ILogger logger, string segment, long position);
}
