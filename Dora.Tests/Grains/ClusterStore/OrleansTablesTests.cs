using Dora.Grains.ClusterStore;
using Microsoft.Data.Sqlite;

namespace Dora.Tests.Grains.ClusterStore;

public sealed class OrleansTablesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-tables-");

    private ClusterAddress Database => ClusterAddress.Parse(Path.Combine(_folder.FullName, "sub"));

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task EnsureAsync_ManyAtOnce_MakesEveryQueryOnce()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => OrleansTables.EnsureAsync(Database))));
        Assert.Equal(16L, await ScalarAsync("SELECT count(*) FROM OrleansQuery"));
        Assert.Equal("wal", await ScalarAsync("PRAGMA journal_mode"));
    }

    [Fact]
    public async Task EnsureAsync_ChangedQuery_IsRestoredAndDataStays()
    {
        await OrleansTables.EnsureAsync(Database);
        await ScalarAsync("UPDATE OrleansQuery SET QueryText = 'old' WHERE QueryKey = 'GatewaysQueryKey'; INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES ('c')");
        await OrleansTables.EnsureAsync(Database);
        Assert.Equal(0L, await ScalarAsync("SELECT count(*) FROM OrleansQuery WHERE QueryText = 'old'"));
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM OrleansMembershipVersionTable"));
    }

    [Fact]
    public async Task InsertMembership_SameVersionManyTimes_OneWins()
    {
        await OrleansTables.EnsureAsync(Database);
        Assert.Equal(1L, await QueryAsync("InsertMembershipVersionKey", 0));
        Assert.Equal(0L, await QueryAsync("InsertMembershipVersionKey", 0));
        object?[] won = await Task.WhenAll(Enumerable.Range(1, 8).Select(port => Task.Run(() => QueryAsync("InsertMembershipKey", port))));
        Assert.Equal(1L, won.Sum(w => (long)w!));
        Assert.Equal(1L, await ScalarAsync("SELECT Version FROM OrleansMembershipVersionTable"));
        Assert.Equal(1L, await ScalarAsync("SELECT count(*) FROM OrleansMembershipTable"));
    }

    [Fact]
    public async Task UpdateMembership_StaleVersion_ChangesNothing()
    {
        await OrleansTables.EnsureAsync(Database);
        await QueryAsync("InsertMembershipVersionKey", 0);
        await QueryAsync("InsertMembershipKey", 7);
        Assert.Equal(0L, await QueryAsync("UpdateMembershipKey", 7, version: 0));
        Assert.Equal(0L, await QueryAsync("UpdateMembershipKey", 8, version: 1));
        Assert.Equal(1L, await QueryAsync("UpdateMembershipKey", 7, version: 1, status: 6));
        Assert.Equal(2L, await ScalarAsync("SELECT Version FROM OrleansMembershipVersionTable"));
        Assert.Equal(6L, await ScalarAsync("SELECT Status FROM OrleansMembershipTable"));
    }

    [Fact]
    public async Task UpsertReminder_Twice_RaisesVersionAndDeleteNeedsIt()
    {
        await OrleansTables.EnsureAsync(Database);
        Assert.Equal(0L, await QueryAsync("UpsertReminderRowKey", 0));
        Assert.Equal(1L, await QueryAsync("UpsertReminderRowKey", 0));
        Assert.Equal(0L, await QueryAsync("DeleteReminderRowKey", 0, version: 0));
        Assert.Equal(1L, await QueryAsync("DeleteReminderRowKey", 0, version: 1));
    }

    private async Task<object?> QueryAsync(string key, int port, int version = 0, int status = 3)
    {
        string text = (string)(await ScalarAsync($"SELECT QueryText FROM OrleansQuery WHERE QueryKey = '{key}'"))!;
        return await ScalarAsync(text, ("DeploymentId", "c"), ("Address", "127.0.0.1"), ("Port", port), ("Generation", 1), ("SiloName", "s"), ("HostName", "h"),
            ("Status", status), ("ProxyPort", 9), ("StartTime", DateTime.UnixEpoch), ("IAmAliveTime", DateTime.UnixEpoch), ("SuspectTimes", DBNull.Value),
            ("ServiceId", "v"), ("GrainId", "g/1"), ("ReminderName", "r"), ("Period", 60_000), ("GrainHash", -5), ("Version", version));
    }

    /// <summary>The first value of the last result set, which is read to its end as Orleans does.</summary>
    private async Task<object?> ScalarAsync(string text, params (string Name, object Value)[] parameters)
    {
        await using var connection = new SqliteConnection(Database.ConnectionString);
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = text;
        foreach ((string name, object value) in parameters) command.Parameters.AddWithValue(name, value);
        await using SqliteDataReader reader = await command.ExecuteReaderAsync();
        object? result = null;
        do
        {
            while (await reader.ReadAsync()) result ??= reader.GetValue(0);
        }
        while (await reader.NextResultAsync());
        return result;
    }
}
