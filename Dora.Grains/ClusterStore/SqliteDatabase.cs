using Microsoft.Data.Sqlite;

namespace Dora.Grains.ClusterStore;

/// <summary>
/// The SQLite file of a cluster on one host. Every call runs on the thread pool (SQLite has no asynchronous I/O, and a grain must not block) with a
/// pooled connection; writers queue on SQLite's own lock for up to <see cref="BusySeconds"/>.
/// </summary>
internal sealed class SqliteDatabase
{
    private const int BusySeconds = 10;

    private readonly string _connectionString;

    public SqliteDatabase(string file)
    {
        File = file;
        _connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = file,
            Mode = SqliteOpenMode.ReadWriteCreate,
            DefaultTimeout = BusySeconds,
        }.ConnectionString;
    }

    /// <summary>The file.</summary>
    public string File { get; }

    /// <summary>What ADO.NET needs to open the file.</summary>
    public string ConnectionString => _connectionString;

    /// <summary>Runs a query.</summary>
    public ValueTask<T> ReadAsync<T>(Func<SqliteConnection, T> query, CancellationToken cancellationToken) =>
        new(Task.Run(
            () =>
            {
                using SqliteConnection connection = Open();
                return query(connection);
            },
            cancellationToken));

    /// <summary>Runs a change in a transaction that holds the write lock from its start, so that what it reads is what it changes.</summary>
    public ValueTask<T> WriteAsync<T>(Func<SqliteConnection, SqliteTransaction, T> change, CancellationToken cancellationToken) =>
        new(Task.Run(
            () =>
            {
                using SqliteConnection connection = Open();
                using SqliteTransaction transaction = connection.BeginTransaction(deferred: false);
                T result = change(connection, transaction);
                transaction.Commit();
                return result;
            },
            cancellationToken));

    /// <summary>Opens a connection; the caller disposes it.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}
