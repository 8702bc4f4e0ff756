namespace Dora.Grains.Files;

/// <summary>The lines people read when a path gives no result: what, where, what to do.</summary>
internal static class FileMessages
{
    public static string NotMounted(DoraPath path) =>
        $"'{path}' is under no mount: mount a store there (dora mount add {path} URI), or see the mounts (dora mount list)";

    public static string Failed(DoraPath path, string ufsPath, DoraErrorCode code) => code switch
    {
        DoraErrorCode.NotFound => $"'{path}' does not exist: the store has nothing at '{ufsPath}'",
        DoraErrorCode.Denied => $"'{path}': the store refuses access to '{ufsPath}': give the worker's user the right to read it",
        DoraErrorCode.IsDirectory => $"'{path}' is a directory: name a file",
        DoraErrorCode.NotDirectory => $"'{path}' is a file: name a directory",
        DoraErrorCode.VersionChanged => $"'{path}' changed in the store while it was read: try again",
        DoraErrorCode.Unavailable => $"'{path}': the store does not answer for '{ufsPath}': try again later",
        DoraErrorCode.Busy => $"'{path}': the worker has too much to do: try again later",
        _ => $"'{path}': {code} at '{ufsPath}'",
    };
}
