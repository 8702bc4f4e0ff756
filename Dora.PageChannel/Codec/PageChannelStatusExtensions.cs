namespace Dora.PageChannel.Codec;

/// <summary>How <see cref="PageChannelStatus"/> and <see cref="DoraErrorCode"/> translate into each other.</summary>
internal static class PageChannelStatusExtensions
{
    /// <summary>What a user of the client is told for a status. Unknown numbers are <see cref="DoraErrorCode.Internal"/>.</summary>
    public static DoraErrorCode ToErrorCode(this PageChannelStatus status) => status switch
    {
        PageChannelStatus.Ok => DoraErrorCode.None,
        PageChannelStatus.NotCached => DoraErrorCode.Unavailable,
        PageChannelStatus.VersionChanged => DoraErrorCode.VersionChanged,
        PageChannelStatus.NotOwner => DoraErrorCode.Unavailable,
        PageChannelStatus.Busy => DoraErrorCode.Busy,
        PageChannelStatus.Denied => DoraErrorCode.Denied,
        PageChannelStatus.NotFound => DoraErrorCode.NotFound,
        PageChannelStatus.NotMounted => DoraErrorCode.NotMounted,
        PageChannelStatus.InvalidRequest => DoraErrorCode.InvalidArgument,
        PageChannelStatus.InvalidPath => DoraErrorCode.InvalidPath,
        PageChannelStatus.IsDirectory => DoraErrorCode.IsDirectory,
        PageChannelStatus.NotDirectory => DoraErrorCode.NotDirectory,
        PageChannelStatus.Unavailable => DoraErrorCode.Unavailable,
        PageChannelStatus.Damaged => DoraErrorCode.Damaged,
        PageChannelStatus.Cancelled => DoraErrorCode.Unavailable,
        PageChannelStatus.ShuttingDown => DoraErrorCode.Unavailable,
        PageChannelStatus.Unauthenticated => DoraErrorCode.Denied,
        PageChannelStatus.UnsupportedVersion => DoraErrorCode.NotSupported,
        PageChannelStatus.WrongCluster => DoraErrorCode.Configuration,
        PageChannelStatus.WrongWorker => DoraErrorCode.Unavailable,
        PageChannelStatus.NotSupported => DoraErrorCode.NotSupported,
        PageChannelStatus.MalformedFrame => DoraErrorCode.Damaged,
        _ => DoraErrorCode.Internal,
    };

    /// <summary>The status a worker answers with for an error of its own parts.</summary>
    public static PageChannelStatus ToStatus(this DoraErrorCode code) => code switch
    {
        DoraErrorCode.None => PageChannelStatus.Ok,
        DoraErrorCode.NotFound => PageChannelStatus.NotFound,
        DoraErrorCode.NotMounted => PageChannelStatus.NotMounted,
        DoraErrorCode.InvalidPath => PageChannelStatus.InvalidPath,
        DoraErrorCode.InvalidArgument => PageChannelStatus.InvalidRequest,
        DoraErrorCode.Denied => PageChannelStatus.Denied,
        DoraErrorCode.IsDirectory => PageChannelStatus.IsDirectory,
        DoraErrorCode.NotDirectory => PageChannelStatus.NotDirectory,
        DoraErrorCode.VersionChanged => PageChannelStatus.VersionChanged,
        DoraErrorCode.Unavailable => PageChannelStatus.Unavailable,
        DoraErrorCode.Busy => PageChannelStatus.Busy,
        DoraErrorCode.NotSupported => PageChannelStatus.NotSupported,
        DoraErrorCode.Damaged => PageChannelStatus.Damaged,
        _ => PageChannelStatus.Failed,
    };
}
