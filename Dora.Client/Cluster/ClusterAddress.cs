using Microsoft.Data.Sqlite;

namespace Dora.Client.Cluster;

/// <summary>Turns what a user gives as the cluster (directory, file or connection string) into a connection string.</summary>
internal static class ClusterAddress
{
    /// <summary>The SQLite connection string of a cluster.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: there is no cluster.</exception>
    public static string ToConnectionString(string cluster)
    {
        if (IsConnectionString(cluster))
        {
            return cluster;
        }

        string file = FileOf(cluster);
        if (!File.Exists(file))
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"there is no cluster at '{cluster}' ('{file}' does not exist): start one with 'dora up --data {cluster}', or give the right directory");
        }

        return new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 10 }.ConnectionString;
    }

    /// <summary>The cluster's id: what the options say, else what stands beside the cluster's database, else the default.</summary>
    public static string IdOf(DoraClientOptions options)
    {
        if (options.ClusterId is not null || options.Cluster is not { } cluster || IsConnectionString(cluster))
        {
            return options.ClusterId ?? ClusterNames.DefaultClusterId;
        }

        string file = Path.Combine(Path.GetDirectoryName(FileOf(cluster))!, ClusterNames.IdFile);
        return File.Exists(file) && File.ReadAllText(file).Trim() is { Length: > 0 } id ? id : ClusterNames.DefaultClusterId;
    }

    private static bool IsConnectionString(string cluster) => cluster.Contains("Data Source=", StringComparison.OrdinalIgnoreCase);

    /// <summary>The database of a directory (the cluster's own, or a data directory around it) or of a file.</summary>
    private static string FileOf(string cluster)
    {
        string full = Path.GetFullPath(cluster);
        string inside = Path.Combine(full, ClusterNames.DirectoryName, ClusterNames.DatabaseFile);
        return File.Exists(inside) ? inside : Directory.Exists(full) ? Path.Combine(full, ClusterNames.DatabaseFile) : full;
    }
}
