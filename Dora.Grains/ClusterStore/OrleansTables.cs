using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Dora.Grains.ClusterStore;

/// <summary>Orleans' own tables (membership, reminders) in a SQLite file that the silos of one host share.</summary>
public static class OrleansTables
{
    private const string Script = "Dora.Grains.ClusterStore.Sql.Sqlite-Orleans.sql";
    private const int BusySeconds = 10;

    /// <summary>
    /// Makes the file, the tables and the queries, or brings the queries up to date. Several processes may do so at once: the first one
    /// writes, the others wait up to ten seconds and find nothing to do.
    /// </summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the file is no database, is read-only, or stayed locked.</exception>
    public static async Task EnsureAsync(ClusterAddress address, CancellationToken cancellationToken = default)
    {
        try
        {
            PrivateFiles.CreateDirectory(address.Directory);
            await RunScriptAsync(address.DatabaseFile, cancellationToken);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"the cluster store '{address.DatabaseFile}' cannot be opened ({e.Message}): check the directory, its rights and the file, or choose another with --cluster",
                e);
        }
    }

    private static async Task RunScriptAsync(string file, CancellationToken cancellationToken)
    {
        var open = new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = BusySeconds };
        await using var connection = new SqliteConnection(open.ConnectionString);
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
