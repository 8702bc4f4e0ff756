using Microsoft.Extensions.Logging;

namespace Dora.Client;

/// <summary>What the client says. Event ids 5002 to 5099; retired numbers stay reserved.</summary>
internal static partial class ClientLog
{
    [LoggerMessage(5002, LogLevel.Debug, "Cluster view: membership {MembershipVersion}, {Workers} workers, mounts {MountsVersion}")]
    public static partial void ViewChanged(ILogger logger, long membershipVersion, int workers, long mountsVersion);

    [LoggerMessage(5003, LogLevel.Debug, "The cluster view could not be read; trying again")]
    public static partial void ViewFailed(ILogger logger, Exception exception);

    [LoggerMessage(5004, LogLevel.Debug, "No gateway of the cluster answers yet; trying again")]
    public static partial void ConnectRetried(ILogger logger, Exception exception);
}
