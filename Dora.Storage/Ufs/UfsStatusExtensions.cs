namespace Dora.Storage.Ufs;

/// <summary>Store outcomes as Dora's error codes.</summary>
public static class UfsStatusExtensions
{
    /// <summary>The error code that a store outcome becomes.</summary>
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
        UfsStatus.NotSupported or UfsStatus.Short => DoraErrorCode.NotSupported,
        _ => DoraErrorCode.Internal,
    };
}
