using Orleans.Placement;

namespace Orleans.Runtime;

/// <summary>The one grain that keeps the reminders of a cluster without a durable table.</summary>
[Alias("Orleans.Runtime.IReminderTableGrain")]
internal interface IReminderTableGrain : IGrainWithIntegerKey
{
    [Alias("ReadGrain")]
    Task<ReminderEntry[]> ReadGrain(GrainId grain);

    [Alias("ReadRange")]
    Task<ReminderEntry[]> ReadRange(uint begin, uint end);

    [Alias("Read")]
    Task<ReminderEntry?> Read(GrainId grain, string name);

    [Alias("Upsert")]
    Task<string?> Upsert(ReminderEntry entry);

    [Alias("Remove")]
    Task<bool> Remove(GrainId grain, string name, string etag);

    [Alias("Clear")]
    Task Clear();
}

/// <summary>Keeps reminders in memory: they are lost with its silo.</summary>
[KeepAlive]
[GrainType("sys.reminder-table")]
[PreferLocalPlacement]
internal sealed class ReminderTableGrain : Grain, IReminderTableGrain
{
    private readonly Dictionary<(GrainId Grain, string Name), ReminderEntry> _rows = [];

    public Task<ReminderEntry[]> ReadGrain(GrainId grain) => Task.FromResult(_rows.Values.Where(entry => entry.GrainId == grain).ToArray());

    public Task<ReminderEntry[]> ReadRange(uint begin, uint end) => Task.FromResult(_rows.Values.Where(entry =>
    {
        var hash = entry.GrainId.GetUniformHashCode();
        return begin < end ? hash > begin && hash <= end : hash > begin || hash <= end;
    }).ToArray());

    public Task<ReminderEntry?> Read(GrainId grain, string name) => Task.FromResult(_rows.GetValueOrDefault((grain, name)));

    public Task<string?> Upsert(ReminderEntry entry)
    {
        entry.ETag = Guid.NewGuid().ToString("N");
        _rows[(entry.GrainId, entry.ReminderName)] = entry;
        return Task.FromResult<string?>(entry.ETag);
    }

    public Task<bool> Remove(GrainId grain, string name, string etag) =>
        Task.FromResult(_rows.TryGetValue((grain, name), out var entry) && entry.ETag == etag && _rows.Remove((grain, name)));

    public Task Clear()
    {
        _rows.Clear();
        return Task.CompletedTask;
    }
}

/// <summary>The table grain as a table.</summary>
internal sealed class InMemoryReminderTable(IGrainFactory grains) : IReminderTable
{
    private IReminderTableGrain Grain => grains.GetGrain<IReminderTableGrain>(0);

    public Task StartAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    public async Task<ReminderTableData> ReadRows(GrainId grainId) => new(await Grain.ReadGrain(grainId).ConfigureAwait(false));

    public async Task<ReminderTableData> ReadRows(uint begin, uint end) => new(await Grain.ReadRange(begin, end).ConfigureAwait(false));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) => Grain.Read(grainId, reminderName);

    public Task<string?> UpsertRow(ReminderEntry entry) => Grain.Upsert(entry);

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Grain.Remove(grainId, reminderName, eTag);

    public Task TestOnlyClearTable() => Grain.Clear();
}
