using System.Net;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Clustering.AdoNet;
using Orleans.Configuration;
using Orleans.Reminders.AdoNet;
using Orleans.Runtime;

namespace Local.Tests.Clustering;

public sealed class AdoNetTableTests : IDisposable
{
    private static readonly IOptions<ClusterOptions> Cluster = Options.Create(new ClusterOptions { ClusterId = "c", ServiceId = "s" });

    private readonly OrleansDatabase _database = new();

    public void Dispose() => _database.Dispose();

    [Fact]
    public async Task MembershipTable_InsertAndUpdate_RaiseTheVersionOnce()
    {
        AdoNetClusteringTable table = await TableAsync();
        MembershipTableData empty = await table.ReadAll();
        Assert.Equal((0, 0), (empty.Members.Count, empty.Version.Version));
        MembershipEntry entry = Entry(11111);
        Assert.True(await table.InsertRow(entry, empty.Version.Next()));
        Assert.False(await table.InsertRow(Entry(11112), empty.Version.Next()));

        MembershipTableData one = await table.ReadRow(entry.SiloAddress);
        (MembershipEntry read, string etag) = Assert.Single(one.Members);
        Assert.Equal(1, one.Version.Version);
        Assert.Equal((entry.SiloAddress, "w0;page=1", "host", SiloStatus.Joining, 30000, entry.StartTime, entry.IAmAliveTime), (read.SiloAddress, read.SiloName, read.HostName, read.Status, read.ProxyPort, read.StartTime, read.IAmAliveTime));

        read.Status = SiloStatus.Dead;
        read.AddSuspector(SiloAddress.New(IPAddress.Loopback, 5, 6), entry.StartTime);
        Assert.False(await table.UpdateRow(read, etag, empty.Version.Next()));
        Assert.True(await table.UpdateRow(read, etag, one.Version.Next()));
        MembershipEntry dead = Assert.Single((await table.ReadAll()).Members).Item1;
        Assert.Equal(SiloStatus.Dead, dead.Status);
        Assert.Equal(Tuple.Create(SiloAddress.New(IPAddress.Loopback, 5, 6), entry.StartTime), Assert.Single(dead.SuspectTimes!));
    }

    [Fact]
    public async Task MembershipTable_AliveAndCleanup_KeepTheVersion()
    {
        AdoNetClusteringTable table = await TableAsync();
        MembershipEntry entry = Entry(11111);
        Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
        entry.IAmAliveTime = entry.IAmAliveTime.AddMinutes(1);
        await table.UpdateIAmAlive(entry);
        Assert.Equal(entry.IAmAliveTime, (await table.ReadAll()).Members[0].Item1.IAmAliveTime);
        await table.CleanupDefunctSiloEntries(new DateTimeOffset(entry.IAmAliveTime));
        Assert.Single((await table.ReadAll()).Members);
        await table.CleanupDefunctSiloEntries(new DateTimeOffset(entry.IAmAliveTime.AddSeconds(1)));
        MembershipTableData cleaned = await table.ReadAll();
        Assert.Equal((0, 1), (cleaned.Members.Count, cleaned.Version.Version));
    }

    [Fact]
    public async Task GatewayList_OnlyActiveSilos_AreListed()
    {
        AdoNetClusteringTable table = await TableAsync();
        foreach ((int port, SiloStatus status) in new[] { (1, SiloStatus.Active), (2, SiloStatus.Dead) })
        {
            MembershipEntry entry = Entry(port);
            entry.Status = status;
            Assert.True(await table.InsertRow(entry, (await table.ReadAll()).Version.Next()));
        }

        var provider = new AdoNetGatewayListProvider(
            Cluster,
            Options.Create(new AdoNetClusteringClientOptions { Invariant = OrleansDatabase.Invariant, ConnectionString = _database.ConnectionString }),
            Options.Create(new GatewayOptions()));
        await provider.InitializeGatewayListProvider();
        Assert.Equal(["gwy.tcp://127.0.0.1:30000/1"], (await provider.GetGateways()).Select(u => u.ToString()));
    }

    [Fact]
    public async Task Storage_MissingQueryOrUnknownInvariant_IsNamed()
    {
        Assert.Contains("NoSuchKey", (await Assert.ThrowsAsync<OrleansConfigurationException>(() => RelationalStorage.OpenAsync(OrleansDatabase.Invariant, _database.ConnectionString, "NoSuchKey"))).Message, StringComparison.Ordinal);
        Assert.Contains("Oracle", (await Assert.ThrowsAsync<OrleansConfigurationException>(() => RelationalStorage.OpenAsync("Oracle", "x"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReminderTable_UpsertReadRemove_FollowEtags()
    {
        var table = new AdoNetReminderTable(Cluster, Options.Create(new AdoNetReminderTableOptions { Invariant = OrleansDatabase.Invariant, ConnectionString = _database.ConnectionString }));
        await table.StartAsync();
        ReminderEntry[] entries = [.. Enumerable.Range(0, 50).Select(i => new ReminderEntry { GrainId = GrainId.Create("job", $"j{i}"), ReminderName = "tick", StartAt = DateTime.UnixEpoch.AddMilliseconds(i), Period = TimeSpan.FromDays(40) })];
        foreach (ReminderEntry entry in entries) Assert.Equal("0", await table.UpsertRow(entry));
        Assert.Equal("1", await table.UpsertRow(entries[3]));
        ReminderEntry read = (await table.ReadRow(entries[3].GrainId, "tick"))!;
        Assert.Equal((entries[3].GrainId, "tick", entries[3].StartAt, DateTimeKind.Utc, TimeSpan.FromDays(40), "1"), (read.GrainId, read.ReminderName, read.StartAt, read.StartAt.Kind, read.Period, read.ETag));
        Assert.Null(await table.ReadRow(entries[3].GrainId, "other"));
        Assert.Single((await table.ReadRows(entries[3].GrainId)).Reminders);

        // Two halves of the hash circle, in both cuts, hold every reminder once; equal ends hold all.
        foreach ((uint a, uint b) in new[] { (0u, 0x8000_0000u), (0x4000_0000u, 0xC000_0000u) })
            Assert.Equal(50, (await table.ReadRows(a, b)).Reminders.Concat((await table.ReadRows(b, a)).Reminders).Select(r => r.GrainId).Distinct().Count());
        Assert.Equal(50, (await table.ReadRows(7, 7)).Reminders.Count);
        Assert.False(await table.RemoveRow(read.GrainId, "tick", "0"));
        Assert.True(await table.RemoveRow(read.GrainId, "tick", "1"));
        await table.TestOnlyClearTable();
        Assert.Empty((await table.ReadRows(7, 7)).Reminders);
    }

    private static MembershipEntry Entry(int port) => new()
    {
        SiloAddress = SiloAddress.New(IPAddress.Loopback, port, 1),
        SiloName = "w0;page=1",
        HostName = "host",
        Status = SiloStatus.Joining,
        ProxyPort = 30000,
        StartTime = new DateTime(2026, 1, 2, 3, 4, 5, 6, DateTimeKind.Utc),
        IAmAliveTime = new DateTime(2026, 1, 2, 3, 5, 5, DateTimeKind.Utc),
    };

    private async Task<AdoNetClusteringTable> TableAsync()
    {
        var table = new AdoNetClusteringTable(Cluster, Options.Create(new AdoNetClusteringSiloOptions { Invariant = OrleansDatabase.Invariant, ConnectionString = _database.ConnectionString }));
        await table.InitializeMembershipTable(true);
        await table.InitializeMembershipTable(true);
        return table;
    }
}
