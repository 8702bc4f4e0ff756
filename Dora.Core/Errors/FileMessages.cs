namespace Dora;

/// <summary>The lines people read when a path gives no result: what, where, what to do.</summary>
internal static class FileMessages
{
    /// <summary>The path is under no mount.</summary>
    public static string NotMounted(DoraPath path) =>
        $"'{path}' is under no mount: mount a store there (dora mount add {path} URI), or see the mounts (dora mount list)";

    /// <summary>The store, or the worker, could not do it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="ufsPath">Where it is in the store.</param>
    /// <param name="code">Why not.</param>
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
