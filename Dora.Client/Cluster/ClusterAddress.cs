using Microsoft.Data.Sqlite;

namespace Dora.Client.Cluster;

/// <summary>Turns what a user gives as the cluster (directory, file or connection string) into a connection string.</summary>
internal static class ClusterAddress
{
    /// <summary>The SQLite connection string of a cluster.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: there is no cluster.</exception>
    public static string ToConnectionString(string cluster)
    {
        if (cluster.Contains("Data Source=", StringComparison.OrdinalIgnoreCase))
        {
            return cluster;
        }

        string full = Path.GetFullPath(cluster);
        string file = Directory.Exists(full) ? Path.Combine(full, ClusterNames.DatabaseFile) : full;
        if (!File.Exists(file))
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"there is no cluster at '{cluster}' ('{file}' does not exist): start one with 'dora up --data {cluster}', or give the right directory");
        }

        return new SqliteConnectionStringBuilder { DataSource = file, Mode = SqliteOpenMode.ReadWrite, DefaultTimeout = 10 }.ConnectionString;
    }
}
