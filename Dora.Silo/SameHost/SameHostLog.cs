using Microsoft.Extensions.Logging;

namespace Dora.Silo.SameHost;

/// <summary>What the door for processes of this host says. Event ids 3300 to 3319; retired numbers stay reserved.</summary>
internal static partial class SameHostLog
{
    [LoggerMessage(3300, LogLevel.Information, "Processes of this host and user get pages at {Path}")]
    public static partial void Listening(ILogger logger, string path);

    [LoggerMessage(3301, LogLevel.Warning, "Same host: a process is refused: {Reason}")]
    public static partial void Refused(ILogger logger, string reason);

    [LoggerMessage(3302, LogLevel.Warning, "Same host: accepting a process failed")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);
}
