using System.Data.Common;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Clustering.AdoNet;

/// <summary>The membership table in a database. The table's version guards every row; rows have no etag of their own.</summary>
internal sealed class AdoNetClusteringTable(IOptions<ClusterOptions> cluster, IOptions<AdoNetClusteringSiloOptions> options) : IMembershipTable
{
    private const string DateFormat = "yyyy-MM-dd HH:mm:ss.fff 'GMT'";

    private readonly string _clusterId = cluster.Value.ClusterId;
    private RelationalStorage _storage = null!;

    public async Task InitializeMembershipTable(bool tryInitTableVersion)
    {
        _storage = await RelationalStorage.OpenAsync(
            options.Value.Invariant, options.Value.ConnectionString,
            "InsertMembershipVersionKey", "InsertMembershipKey", "UpdateMembershipKey", "UpdateIAmAlivetimeKey", "MembershipReadRowKey", "MembershipReadAllKey",
            "DeleteMembershipTableEntriesKey", "CleanupDefunctSiloEntriesKey", "GatewaysQueryKey").ConfigureAwait(false);
        if (tryInitTableVersion) await _storage.TryWriteAsync("InsertMembershipVersionKey", ("DeploymentId", _clusterId)).ConfigureAwait(false);
    }

    public Task DeleteMembershipTableEntries(string clusterId) => _storage.ExecuteAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", clusterId));

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate) =>
        _storage.ExecuteAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", _clusterId), ("IAmAliveTime", beforeDate.UtcDateTime));

    public async Task<MembershipTableData> ReadRow(SiloAddress key) =>
        Data(await _storage.ReadAsync("MembershipReadRowKey", [("DeploymentId", _clusterId), .. Key(key)], ReadEntry).ConfigureAwait(false));

    public async Task<MembershipTableData> ReadAll() =>
        Data(await _storage.ReadAsync("MembershipReadAllKey", [("DeploymentId", _clusterId)], ReadEntry).ConfigureAwait(false));

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion) => _storage.TryWriteAsync(
        "InsertMembershipKey",
        [
            ("DeploymentId", _clusterId), .. Key(entry.SiloAddress), ("SiloName", entry.SiloName), ("HostName", entry.HostName), ("Status", (int)entry.Status),
            ("ProxyPort", entry.ProxyPort), ("StartTime", entry.StartTime), ("IAmAliveTime", entry.IAmAliveTime), Version(tableVersion),
        ]);

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion) => _storage.TryWriteAsync(
        "UpdateMembershipKey",
        [
            ("DeploymentId", _clusterId), .. Key(entry.SiloAddress), ("Status", (int)entry.Status), ("SuspectTimes", Format(entry.SuspectTimes)),
            ("IAmAliveTime", entry.IAmAliveTime), Version(tableVersion),
        ]);

    public Task UpdateIAmAlive(MembershipEntry entry) =>
        _storage.ExecuteAsync("UpdateIAmAlivetimeKey", [("DeploymentId", _clusterId), .. Key(entry.SiloAddress), ("IAmAliveTime", entry.IAmAliveTime)]);

    private static (string Name, object? Value)[] Key(SiloAddress silo) =>
        [("Address", silo.Endpoint.Address.ToString()), ("Port", silo.Endpoint.Port), ("Generation", silo.Generation)];

    // The etag is the version that the caller read; the query writes that plus one.
    private static (string Name, object? Value) Version(TableVersion next) => ("Version", int.Parse(next.VersionEtag, CultureInfo.InvariantCulture));

    private static MembershipTableData Data(List<(MembershipEntry? Entry, int Version)> rows)
    {
        if (rows.Count == 0) throw new OrleansException("The membership table has no version row for this cluster.");
        int version = rows[0].Version;
        return new MembershipTableData(
            [.. rows.Where(r => r.Entry is not null).Select(r => Tuple.Create(r.Entry!, ""))],
            new TableVersion(version, version.ToString(CultureInfo.InvariantCulture)));
    }

    private static (MembershipEntry? Entry, int Version) ReadEntry(DbDataReader row)
    {
        int version = Convert.ToInt32(row["Version"], CultureInfo.InvariantCulture);
        if (row["StartTime"] is DBNull) return (null, version);
        return (new MembershipEntry
        {
            SiloAddress = SiloAddress.New(IPAddress.Parse((string)row["Address"]), row.GetInt32(row.GetOrdinal("Port")), row.GetInt32(row.GetOrdinal("Generation"))),
            SiloName = (string)row["SiloName"],
            HostName = (string)row["HostName"],
            Status = (SiloStatus)row.GetInt32(row.GetOrdinal("Status")),
            ProxyPort = row["ProxyPort"] is DBNull ? 0 : row.GetInt32(row.GetOrdinal("ProxyPort")),
            StartTime = Utc(row, "StartTime"),
            IAmAliveTime = Utc(row, "IAmAliveTime"),
            SuspectTimes = row["SuspectTimes"] is string { Length: > 0 } text ? Parse(text) : null,
        }, version);
    }

    private static DateTime Utc(DbDataReader row, string column) => DateTime.SpecifyKind(row.GetDateTime(row.GetOrdinal(column)), DateTimeKind.Utc);

    private static string? Format(List<Tuple<SiloAddress, DateTime>>? suspects) => suspects is null
        ? null
        : string.Join('|', suspects.Select(s => $"{s.Item1.ToParsableString()},{s.Item2.ToString(DateFormat, CultureInfo.InvariantCulture)}"));

    private static List<Tuple<SiloAddress, DateTime>> Parse(string text) =>
    [
        .. text.Split('|').Select(one => one.Split(',')).Select(pair => Tuple.Create(
            SiloAddress.FromParsableString(pair[0]),
            DateTime.ParseExact(pair[1], DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal))),
    ];
}
