using Dora.Storage.Ufs;

namespace Dora.Grains.Files;

/// <summary>Store outcomes as Dora's error codes.</summary>
internal static class UfsStatusExtensions
{
    public static DoraErrorCode ToErrorCode(this UfsStatus status) => status switch
    {
        UfsStatus.Ok => DoraErrorCode.None,
        UfsStatus.NotFound => DoraErrorCode.NotFound,
        UfsStatus.Denied => DoraErrorCode.Denied,
        UfsStatus.VersionChanged => DoraErrorCode.VersionChanged,
        UfsStatus.IsDirectory => DoraErrorCode.IsDirectory,
        UfsStatus.NotDirectory => DoraErrorCode.NotDirectory,
        UfsStatus.InvalidName => DoraErrorCode.InvalidPath,
        UfsStatus.Unavailable => DoraErrorCode.Unavailable,
        UfsStatus.NotSupported => DoraErrorCode.NotSupported,
        _ => DoraErrorCode.Internal,
    };
}
