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
                return new MountTable(Version(connection, transaction), Rows(connection, transaction), Pins(connection, transaction))
                {
                    LastMountId = (ushort)(connection.Number(transaction, "SELECT last_mount_id FROM dora_mounts_version WHERE id = 1") ?? 0),
                };
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
                connection.Execute(transaction, "DELETE FROM dora_pins");
                foreach (Mount mount in table.Mounts)
                {
                    Insert(connection, transaction, mount);
                }

                foreach (Pin pin in table.Pins)
                {
                    connection.Execute(
                        transaction,
                        "INSERT INTO dora_pins (prefix, pin_id, share_percent) VALUES ($prefix, $id, $share)",
                        ("$prefix", pin.Prefix.Value),
                        ("$id", (int)pin.Id),
                        ("$share", pin.SharePercent));
                }

                connection.Execute(
                    transaction,
                    "UPDATE dora_mounts_version SET version = $version, last_mount_id = $last", ("$version", table.Version), ("$last", (int)table.LastMountId));
                return true;
            },
            cancellationToken);

    private static long Version(SqliteConnection connection, SqliteTransaction? transaction) =>
        connection.Number(transaction, "SELECT version FROM dora_mounts_version WHERE id = 1") ?? 0;

    private static void Insert(SqliteConnection connection, SqliteTransaction transaction, Mount mount)
    {
        connection.Execute(
            transaction,
            """
            INSERT INTO dora_mounts (path, ufs, page_size, freshness, mount_id, quota_bytes, page_ttl_ms, replicas)
            VALUES ($path, $ufs, $page, $fresh, $id, $quota, $ttl, $replicas)
            """,
            ("$path", mount.Path.Value),
            ("$ufs", mount.Ufs.Value),
            ("$page", mount.FetchSize),
            ("$fresh", mount.Freshness.ToString()),
            ("$id", (int)mount.Id),
            ("$quota", mount.Rules.QuotaBytes),
            ("$ttl", (long)mount.Rules.PageTtl.TotalMilliseconds),
            ("$replicas", mount.Replicas));
    }

    private static List<Mount> Rows(SqliteConnection connection, SqliteTransaction transaction)
    {
        using SqliteCommand command = connection.Command(
            transaction, "SELECT path, ufs, page_size, freshness, mount_id, quota_bytes, page_ttl_ms, replicas FROM dora_mounts");
        using SqliteDataReader reader = command.ExecuteReader();
        List<Mount> mounts = [];
        while (reader.Read())
        {
            Freshness freshness = Freshness.TryParse(reader.GetString(3), out Freshness rule, out _) ? rule : Freshness.ValidateOnOpen;
            mounts.Add(new Mount(DoraPath.Parse(reader.GetString(0)), UfsUri.Parse(reader.GetString(1)), reader.GetInt32(2), freshness)
            {
                Id = (ushort)reader.GetInt32(4),
                Rules = new CacheRules(reader.GetInt64(5), TimeSpan.FromMilliseconds(reader.GetInt64(6))),
                Replicas = Math.Clamp(reader.GetInt32(7), 1, Mount.MaxReplicas),
            });
        }

        return mounts;
    }

    private static List<Pin> Pins(SqliteConnection connection, SqliteTransaction transaction)
    {
        using SqliteCommand command = connection.Command(transaction, "SELECT prefix, pin_id, share_percent FROM dora_pins");
        using SqliteDataReader reader = command.ExecuteReader();
        List<Pin> pins = [];
        while (reader.Read())
        {
            pins.Add(new Pin(DoraPath.Parse(reader.GetString(0)), reader.GetInt32(2)) { Id = (byte)reader.GetInt32(1) });
        }

        return pins;
    }
}
