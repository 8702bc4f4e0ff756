using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Dora.Grains.ClusterStore;

/// <summary>Dora's own tables: created in a new file, brought up to date in an older one, left alone in a newer one.</summary>
internal static class SqliteSchema
{
    /// <summary>The schema version this program writes. Step N of <see cref="Steps"/> leads from version N to N + 1.</summary>
    public const int Version = 3;

    private static readonly string[] Steps =
    [
        """
        CREATE TABLE dora_mounts (path TEXT NOT NULL PRIMARY KEY, ufs TEXT NOT NULL, page_size INTEGER NOT NULL, freshness TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE dora_mounts_version (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);
        INSERT INTO dora_mounts_version (id, version) VALUES (1, 0);
        CREATE TABLE dora_page_sizes (ufs TEXT NOT NULL PRIMARY KEY, page_size INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE dora_jobs (
            job_id TEXT NOT NULL PRIMARY KEY, revision INTEGER NOT NULL, format INTEGER NOT NULL,
            ended_at INTEGER NULL, body TEXT NOT NULL) WITHOUT ROWID;
        CREATE INDEX dora_jobs_ended ON dora_jobs (ended_at) WHERE ended_at IS NOT NULL;
        """,

        // Every new column has a default, so that a worker of version 1 that still runs can go on writing mounts; it keeps no rules.
        """
        ALTER TABLE dora_mounts ADD COLUMN mount_id INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE dora_mounts ADD COLUMN quota_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE dora_mounts ADD COLUMN page_ttl_ms INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE dora_mounts_version ADD COLUMN last_mount_id INTEGER NOT NULL DEFAULT 0;
        UPDATE dora_mounts SET mount_id = (SELECT count(*) FROM dora_mounts AS other WHERE other.path <= dora_mounts.path);
        UPDATE dora_mounts_version SET last_mount_id = (SELECT count(*) FROM dora_mounts);
        CREATE TABLE dora_pins (prefix TEXT NOT NULL PRIMARY KEY, pin_id INTEGER NOT NULL, share_percent INTEGER NOT NULL) WITHOUT ROWID;
        """,
        "ALTER TABLE dora_mounts ADD COLUMN replicas INTEGER NOT NULL DEFAULT 1",
    ];

    /// <summary>Creates or upgrades the tables.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the file cannot be opened or is newer than this program.</exception>
    public static void Ensure(SqliteDatabase database)
    {
        try
        {
            PrivateFiles.CreateDirectory(Path.GetDirectoryName(database.File)!);
            using SqliteConnection connection = database.Open();
            connection.Execute(null, "PRAGMA journal_mode = WAL");
            using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
            Upgrade(connection, transaction, database.File);
            transaction.Commit();
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"the cluster store '{database.File}' cannot be opened ({e.Message}): check the directory, its rights and the file, or choose another with --cluster",
                e);
        }
    }

    private static void Upgrade(SqliteConnection connection, SqliteTransaction transaction, string file)
    {
        connection.Execute(
            transaction,
            "CREATE TABLE IF NOT EXISTS dora_schema (id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, written_by TEXT NOT NULL)");
        long stored = connection.Number(transaction, "SELECT version FROM dora_schema WHERE id = 1") ?? 0;
        if (stored > Version)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"the cluster store '{file}' was written by a newer Dora (schema {stored}, this one knows {Version}): use that version, or another cluster directory");
        }

        foreach (string step in Steps.Skip((int)stored))
        {
            connection.Execute(transaction, step);
        }

        string program = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "unknown";
        connection.Execute(
            transaction,
            "INSERT INTO dora_schema (id, version, written_by) VALUES (1, $version, $by) ON CONFLICT (id) DO UPDATE SET version = $version, written_by = $by",
            ("$version", Version),
            ("$by", program));
    }
}
