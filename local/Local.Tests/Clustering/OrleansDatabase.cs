using System.Reflection;
using Microsoft.Data.Sqlite;

namespace Local.Tests.Clustering;

/// <summary>A SQLite file with Orleans' tables in a temporary folder.</summary>
public sealed class OrleansDatabase : IDisposable
{
    public const string Invariant = "System.Data.SQLite";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orleans-local-");

    public OrleansDatabase()
    {
        ConnectionString = $"Data Source={Path.Combine(_folder.FullName, "cluster.db")};Default Timeout=10";
        using Stream script = Assembly.GetExecutingAssembly().GetManifestResourceStream("Sqlite-Orleans.sql")!;
        using var reader = new StreamReader(script);
        using var connection = new SqliteConnection(ConnectionString);
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode = WAL; BEGIN IMMEDIATE;" + reader.ReadToEnd() + "COMMIT;";
        command.ExecuteNonQuery();
    }

    public string ConnectionString { get; }

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }
}
