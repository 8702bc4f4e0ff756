using Microsoft.Data.Sqlite;

namespace Dora.Grains.ClusterStore;

/// <summary>The mount table in SQLite.</summary>
internal sealed class SqliteMountStore(SqliteDatabase database) : IMountStore
{
    public ValueTask<long> ReadVersionAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(static c => Version(c, null), cancellationToken);

    public ValueTask<MountTable> ReadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            static connection =>
            {
                // One read transaction: version and rows of the same moment.
                using SqliteTransaction transaction = connection.BeginTransaction(deferred: true);
                return new MountTable(Version(connection, transaction), Rows(connection, transaction));
            },
            cancellationToken);

    public ValueTask<IReadOnlyDictionary<UfsUri, int>> ReadPageSizesAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyDictionary<UfsUri, int>>(
            static connection =>
            {
                using SqliteCommand command = connection.Command(null, "SELECT ufs, page_size FROM dora_page_sizes");
                using SqliteDataReader reader = command.ExecuteReader();
                Dictionary<UfsUri, int> sizes = [];
                while (reader.Read())
                {
                    sizes[UfsUri.Parse(reader.GetString(0))] = reader.GetInt32(1);
                }

                return sizes;
            },
            cancellationToken);

    public ValueTask<bool> TryReplaceAsync(MountTable table, CancellationToken cancellationToken) =>
        database.WriteAsync(
            (connection, transaction) =>
            {
                if (Version(connection, transaction) != table.Version - 1)
                {
                    return false;
                }

                connection.Execute(transaction, "DELETE FROM dora_mounts");
                foreach (Mount mount in table.Mounts)
                {
                    connection.Execute(
                        transaction,
                        "INSERT INTO dora_mounts (path, ufs, page_size, freshness) VALUES ($path, $ufs, $page, $fresh)",
                        ("$path", mount.Path.Value),
                        ("$ufs", mount.Ufs.Value),
                        ("$page", mount.PageSize),
                        ("$fresh", mount.Freshness.ToString()));
                    connection.Execute(
                        transaction,
                        "INSERT OR IGNORE INTO dora_page_sizes (ufs, page_size) VALUES ($ufs, $page)",
                        ("$ufs", mount.Ufs.Value),
                        ("$page", mount.PageSize));
                }

                connection.Execute(transaction, "UPDATE dora_mounts_version SET version = $version", ("$version", table.Version));
                return true;
            },
            cancellationToken);

    private static long Version(SqliteConnection connection, SqliteTransaction? transaction) =>
        connection.Number(transaction, "SELECT version FROM dora_mounts_version WHERE id = 1") ?? 0;

    private static List<Mount> Rows(SqliteConnection connection, SqliteTransaction transaction)
    {
        using SqliteCommand command = connection.Command(transaction, "SELECT path, ufs, page_size, freshness FROM dora_mounts");
        using SqliteDataReader reader = command.ExecuteReader();
        List<Mount> mounts = [];
        while (reader.Read())
        {
            Freshness freshness = Freshness.TryParse(reader.GetString(3), out Freshness rule, out _) ? rule : Freshness.ValidateOnOpen;
            mounts.Add(new Mount(DoraPath.Parse(reader.GetString(0)), UfsUri.Parse(reader.GetString(1)), reader.GetInt32(2), freshness));
        }

        return mounts;
    }
}
