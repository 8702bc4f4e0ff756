namespace Dora.Silo.Hosting;

/// <summary>
/// The cluster's id, kept as one line beside the cluster's database, so that workers and clients that are told the directory agree on it without being
/// told the id.
/// </summary>
internal static class ClusterIdentity
{
    /// <summary>The id to use; written down when it is not the default.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the directory is another cluster's, or cannot be used.</exception>
    public static string Resolve(WorkerOptions options)
    {
        ClusterAddress address = options.ClusterAddress;
        string directory = address.Directory;
        try
        {
            if (address.ReadId() is { } known)
            {
                return options.ClusterId is null || options.ClusterId == known
                    ? known
                    : throw new DoraException(
                        DoraErrorCode.Configuration,
                        $"'{directory}' belongs to cluster '{known}', not '{options.ClusterId}': leave out --cluster-id, or choose another directory with --cluster");
            }

            if (options.ClusterId is not null and not ClusterNames.DefaultClusterId)
            {
                PrivateFiles.CreateDirectory(directory);
                PrivateFiles.WriteAllText(Path.Combine(directory, ClusterNames.IdFile), options.ClusterId + "\n");
            }

            return options.ClusterId ?? ClusterNames.DefaultClusterId;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"the cluster directory '{directory}' cannot be used ({e.Message}): check its path and rights, or choose another with --cluster", e);
        }
    }
}
