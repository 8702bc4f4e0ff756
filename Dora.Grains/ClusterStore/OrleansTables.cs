using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Dora.Grains.ClusterStore;

/// <summary>Orleans' own tables (membership, reminders) in a SQLite file that the silos of one host share.</summary>
public static class OrleansTables
{
    /// <summary>The name under which Orleans loads Microsoft.Data.Sqlite.</summary>
    public const string Invariant = "System.Data.SQLite";

    private const string Script = "Dora.Grains.ClusterStore.Sql.Sqlite-Orleans.sql";
    private const int BusyTimeoutSeconds = 10;

    /// <summary>What silos and clients pass to <c>UseAdoNetClustering</c> and <c>UseAdoNetReminderService</c>.</summary>
    public static string ConnectionString(string file) =>
        new SqliteConnectionStringBuilder { DataSource = Path.GetFullPath(file), DefaultTimeout = BusyTimeoutSeconds }.ToString();

    /// <summary>
    /// Makes the file, the tables and the queries, or brings the queries up to date. Several processes may do so at once: the first one
    /// writes, the others wait up to ten seconds and find nothing to do.
    /// </summary>
    /// <exception cref="SqliteException">The file is no database, is read-only, or stayed locked.</exception>
    public static async Task EnsureAsync(string file, CancellationToken cancellationToken = default)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        await using var connection = new SqliteConnection(ConnectionString(file));
        await connection.OpenAsync(cancellationToken);

        // Readers do not block the writer nor it them; stays on in the file.
        await ExecuteAsync(connection, "PRAGMA journal_mode = WAL", null, cancellationToken);
        await using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
        await ExecuteAsync(connection, await ReadScriptAsync(cancellationToken), transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task ExecuteAsync(SqliteConnection connection, string text, SqliteTransaction? transaction, CancellationToken cancellationToken)
    {
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        command.Transaction = transaction;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<string> ReadScriptAsync(CancellationToken cancellationToken)
    {
        await using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Script)!;
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(cancellationToken);
    }
}
