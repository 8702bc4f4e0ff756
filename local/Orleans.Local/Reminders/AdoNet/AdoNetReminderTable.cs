using System.Data.Common;
using System.Globalization;
using Microsoft.Extensions.Options;
using Orleans.Clustering.AdoNet;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Reminders.AdoNet;

/// <summary>The reminders of a service in a database.</summary>
internal sealed class AdoNetReminderTable(IOptions<ClusterOptions> cluster, IOptions<AdoNetReminderTableOptions> options) : IReminderTable
{
    private RelationalStorage _storage = null!;

    private (string, object?) Service => ("ServiceId", cluster.Value.ServiceId);

    public async Task StartAsync(CancellationToken cancellationToken = default) => _storage = await RelationalStorage.OpenAsync(
        options.Value.Invariant, options.Value.ConnectionString,
        "UpsertReminderRowKey", "ReadReminderRowsKey", "ReadReminderRowKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "DeleteReminderRowKey", "DeleteReminderRowsKey").ConfigureAwait(false);

    public async Task<ReminderTableData> ReadRows(GrainId grainId) =>
        new(await _storage.ReadAsync("ReadReminderRowsKey", [Service, ("GrainId", grainId.ToString())], ReadEntry).ConfigureAwait(false));

    // The hash is stored as a signed number, so "wraps around" is a matter of signed comparison.
    public async Task<ReminderTableData> ReadRows(uint begin, uint end) => new(await _storage.ReadAsync(
        unchecked((int)begin < (int)end) ? "ReadRangeRows1Key" : "ReadRangeRows2Key",
        [Service, ("BeginHash", unchecked((int)begin)), ("EndHash", unchecked((int)end))],
        ReadEntry).ConfigureAwait(false));

    public async Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        (await _storage.ReadAsync("ReadReminderRowKey", [Service, ("GrainId", grainId.ToString()), ("ReminderName", reminderName)], ReadEntry).ConfigureAwait(false)).FirstOrDefault();

    public async Task<string?> UpsertRow(ReminderEntry entry)
    {
        List<string> version = await _storage.ReadAsync(
            "UpsertReminderRowKey",
            [
                Service, ("GrainId", entry.GrainId.ToString()), ("ReminderName", entry.ReminderName), ("StartTime", DateTime.SpecifyKind(entry.StartAt, DateTimeKind.Utc)),
                ("Period", (long)entry.Period.TotalMilliseconds), ("GrainHash", unchecked((int)entry.GrainId.GetUniformHashCode())),
            ],
            VersionOf).ConfigureAwait(false);
        return version[0];
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => _storage.TryWriteAsync(
        "DeleteReminderRowKey",
        Service, ("GrainId", grainId.ToString()), ("ReminderName", reminderName), ("Version", int.Parse(eTag, CultureInfo.InvariantCulture)));

    public Task TestOnlyClearTable() => _storage.ExecuteAsync("DeleteReminderRowsKey", Service);

    public Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    private static ReminderEntry ReadEntry(DbDataReader row) => new()
    {
        GrainId = GrainId.Parse((string)row["GrainId"]),
        ReminderName = (string)row["ReminderName"],
        StartAt = DateTime.SpecifyKind(row.GetDateTime(row.GetOrdinal("StartTime")), DateTimeKind.Utc),
        Period = TimeSpan.FromMilliseconds(row.GetInt64(row.GetOrdinal("Period"))),
        ETag = VersionOf(row),
    };

    private static string VersionOf(DbDataReader row) => Convert.ToInt32(row["Version"], CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
}
