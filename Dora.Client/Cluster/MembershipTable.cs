using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Dora.Client.Cluster;

/// <summary>The workers as the cluster's address has them: where a client that knows none yet finds the first one that answers.</summary>
/// <param name="address">The cluster's address.</param>
/// <param name="clusterId">The cluster's id.</param>
internal sealed class MembershipTable(ClusterAddress address, string clusterId)
{
    // Orleans' own table, see Dora.Grains/ClusterStore/Sql: a silo that is active, the last start of a worker first.
    private const string Query = "SELECT Address, SiloName FROM OrleansMembershipTable WHERE DeploymentId = $id AND Status = 3 ORDER BY Generation DESC";

    /// <summary>The workers that were active when somebody wrote there last. Some may be gone by now.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: there is no cluster, or its database cannot be read.</exception>
    public IReadOnlyList<WorkerInfo> Read()
    {
        if (!address.Exists)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"there is no cluster at '{address}' ('{address.DatabaseFile}' does not exist): start one with 'dora up --data {address}', or give the right directory");
        }

        try
        {
            return ReadRows();
        }
        catch (DbException e)
        {
            throw ClusterConnection.Unreadable(address.Text, e);
        }
    }

    private List<WorkerInfo> ReadRows()
    {
        // Not pooled: it is read once or twice in a client's life.
        using var connection = new SqliteConnection(address.ConnectionString + ";Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = Query;
        command.Parameters.AddWithValue("$id", clusterId);
        using SqliteDataReader row = command.ExecuteReader();
        List<WorkerInfo> workers = [];
        while (row.Read())
        {
            if (WorkerDescriptor.Parse(row.GetString(1)) is { } worker && !workers.Exists(w => w.Id == worker.Id))
            {
                workers.Add(new WorkerInfo(worker.Id, row.GetString(0), worker.PagePort, worker.HttpPort, worker.Weight));
            }
        }

        return workers;
    }
}
