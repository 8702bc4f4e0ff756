using Microsoft.Extensions.Logging;

namespace Dora.Storage.Metadata;

/// <summary>Event ids 2200 to 2219.</summary>
internal static partial class MetadataLog
{
    [LoggerMessage(2200, LogLevel.Warning, "metadata directory {Directory} is not usable as it is ({Reason}): set aside as {SetAside}, starting empty")]
    public static partial void DirectorySetAside(ILogger logger, string directory, string reason, string setAside);

    [LoggerMessage(2201, LogLevel.Error, "metadata directory {Directory} has a damaged block ({Reason}): what it held is asked of the store again; the directory is rebuilt at the next start")]
    public static partial void BlockDamaged(ILogger logger, string directory, string reason);

    [LoggerMessage(2202, LogLevel.Error, "metadata directory {Directory} refuses writes ({Reason}): new metadata stays in memory only until it takes them again")]
    public static partial void WritesRefused(ILogger logger, string directory, string reason);

    [LoggerMessage(2203, LogLevel.Information, "metadata directory {Directory} takes writes again")]
    public static partial void WritesTakenAgain(ILogger logger, string directory);

    [LoggerMessage(2204, LogLevel.Error, "metadata directory {Directory} refused too many changes: it is neither read nor written any more, and rebuilt at the next start")]
    public static partial void DiskDistrusted(ILogger logger, string directory);
}
