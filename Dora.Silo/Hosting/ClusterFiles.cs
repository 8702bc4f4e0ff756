namespace Dora.Silo.Hosting;

/// <summary>
/// Closes what a cluster has on disk to other users. Its directory when nothing else is in it; a SQLite file may lie among other files, whose directory is not Dora's to close: then the files alone.
/// </summary>
internal static class ClusterFiles
{
    /// <summary>Makes the directory, or looks at the one that is there.</summary>
    /// <returns>What was changed, in one line; <see langword="null"/>: nothing.</returns>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: it cannot be used.</exception>
    public static string? Open(ClusterAddress address)
    {
        string directory = address.Directory;
        string[] own = [address.DatabaseFile, address.DatabaseFile + "-wal", address.DatabaseFile + "-shm", Path.Combine(directory, ClusterNames.IdFile)];
        try
        {
            if (!Directory.Exists(directory) || Directory.EnumerateFileSystemEntries(directory).All(e => own.Contains(e) || DraftName.Is(Path.GetFileName(e))))
            {
                return PrivateFiles.OpenDirectory(directory, static _ => true, "--cluster");
            }

            string[] closed = [.. own.Where(PrivateFiles.CloseFile)];
            return closed.Length == 0 ? null : $"'{string.Join("', '", closed)}' could be read by other users: closed to them now";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"the cluster directory '{directory}' cannot be used ({e.Message}): check its path and rights, or choose another with --cluster", e);
        }
    }
}
