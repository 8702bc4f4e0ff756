using System.Data.Common;
using System.Globalization;
using Orleans.Runtime;

namespace Orleans.Clustering.AdoNet;

/// <summary>Runs the queries that the table OrleansQuery holds under Orleans' documented keys, with its parameter and column names.</summary>
internal sealed class RelationalStorage
{
    private const string AllQueries = "SELECT QueryKey, QueryText FROM OrleansQuery";

    private readonly DbProviderFactory _factory;
    private readonly string _connectionString;
    private readonly Dictionary<string, string> _queries = [];

    private RelationalStorage(DbProviderFactory factory, string connectionString)
    {
        _factory = factory;
        _connectionString = connectionString;
    }

    /// <exception cref="OrleansConfigurationException">The invariant is unknown, the connection string is missing, or the database lacks a query.</exception>
    public static async Task<RelationalStorage> OpenAsync(string invariant, string? connectionString, params string[] requiredQueries)
    {
        if (string.IsNullOrWhiteSpace(connectionString)) throw new OrleansConfigurationException("A relational table needs a ConnectionString.");
        var storage = new RelationalStorage(FactoryOf(invariant), connectionString);
        foreach ((string key, string text) in await storage.ReadTextAsync(AllQueries, [], r => (r.GetString(0), r.GetString(1))).ConfigureAwait(false))
            storage._queries[key] = text;
        string[] missing = [.. requiredQueries.Except(storage._queries.Keys)];
        return missing.Length == 0 ? storage : throw new OrleansConfigurationException($"The table OrleansQuery lacks the queries {string.Join(", ", missing)}.");
    }

    public Task<List<T>> ReadAsync<T>(string query, (string Name, object? Value)[] parameters, Func<DbDataReader, T> select) => ReadTextAsync(_queries[query], parameters, select);

    public Task ExecuteAsync(string query, params (string Name, object? Value)[] parameters) => ReadTextAsync(_queries[query], parameters, _ => 0);

    /// <summary>True if the query's one value is not zero: the row was written.</summary>
    public async Task<bool> TryWriteAsync(string query, params (string Name, object? Value)[] parameters) =>
        (await ReadTextAsync(_queries[query], parameters, r => Convert.ToBoolean(r.GetValue(0), CultureInfo.InvariantCulture)).ConfigureAwait(false))[0];

    private static DbProviderFactory FactoryOf(string invariant)
    {
        string typeName = invariant switch
        {
            "System.Data.SQLite" => "Microsoft.Data.Sqlite.SqliteFactory, Microsoft.Data.Sqlite",
            "Npgsql" => "Npgsql.NpgsqlFactory, Npgsql",
            _ => throw new OrleansConfigurationException($"The invariant '{invariant}' is unknown: use System.Data.SQLite or Npgsql."),
        };
        Type type = Type.GetType(typeName) ?? throw new OrleansConfigurationException($"The invariant '{invariant}' needs {typeName}, which is not there.");
        return (DbProviderFactory)type.GetField("Instance")!.GetValue(null)!;
    }

    // SQLite has no asynchronous calls of its own: the work leaves the caller's thread, which may be a grain's.
    private Task<List<T>> ReadTextAsync<T>(string text, (string Name, object? Value)[] parameters, Func<DbDataReader, T> select) => Task.Run(async () =>
    {
        var rows = new List<T>();
        DbConnection connection = _factory.CreateConnection()!;
        await using var _ = connection.ConfigureAwait(false);
        connection.ConnectionString = _connectionString;
        await connection.OpenAsync().ConfigureAwait(false);
        DbCommand command = connection.CreateCommand();
        await using var __ = command.ConfigureAwait(false);
        command.CommandText = text;
        foreach ((string name, object? value) in parameters)
        {
            DbParameter parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        DbDataReader reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        await using var ___ = reader.ConfigureAwait(false);
        do
        {
            // To the end of the last result: a query may commit after its answer.
            while (await reader.ReadAsync().ConfigureAwait(false)) rows.Add(select(reader));
        }
        while (await reader.NextResultAsync().ConfigureAwait(false));
        return rows;
    });
}
