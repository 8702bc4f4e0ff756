using Microsoft.Extensions.Logging;

namespace Dora.Silo.Hosting;

/// <summary>What a worker says of its process. Event ids 3320 to 3339; retired numbers stay reserved.</summary>
internal static partial class HostingLog
{
    [LoggerMessage(3320, LogLevel.Warning, "{Mended}")]
    public static partial void Mended(ILogger logger, string mended);
}
