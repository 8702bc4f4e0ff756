using System.Collections.Concurrent;
using System.Globalization;

namespace Orleans.Runtime;

/// <summary>A membership table in memory, shared by the silos of one process.</summary>
internal sealed class InMemoryMembershipTable : IMembershipTable
{
    private static readonly ConcurrentDictionary<string, InMemoryMembershipTable> Tables = new();

    private readonly Lock _lock = new();
    private readonly Dictionary<SiloAddress, (MembershipEntry Entry, string Etag)> _rows = [];
    private int _version;

    public static InMemoryMembershipTable OfProcess(string name) => Tables.GetOrAdd(name, _ => new InMemoryMembershipTable());

    public Task InitializeMembershipTable(bool tryInitTableVersion) => Task.CompletedTask;

    public Task DeleteMembershipTableEntries(string clusterId)
    {
        lock (_lock)
            _rows.Clear();
        return Task.CompletedTask;
    }

    public Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate)
    {
        lock (_lock)
        {
            foreach (var row in _rows.Values.Where(row => row.Entry.Status == SiloStatus.Dead && row.Entry.IAmAliveTime < beforeDate.UtcDateTime).ToList())
                _rows.Remove(row.Entry.SiloAddress);
        }

        return Task.CompletedTask;
    }

    public Task<MembershipTableData> ReadRow(SiloAddress key)
    {
        lock (_lock)
            return Task.FromResult(_rows.TryGetValue(key, out var row) ? new MembershipTableData(Tuple.Create(row.Entry.Copy(), row.Etag), Version()) : new MembershipTableData(Version()));
    }

    public Task<MembershipTableData> ReadAll()
    {
        lock (_lock)
            return Task.FromResult(new MembershipTableData([.. _rows.Values.Select(row => Tuple.Create(row.Entry.Copy(), row.Etag))], Version()));
    }

    public Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion)
    {
        lock (_lock)
            return Task.FromResult(!_rows.ContainsKey(entry.SiloAddress) && TryWrite(entry, tableVersion));
    }

    public Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion)
    {
        lock (_lock)
            return Task.FromResult(_rows.TryGetValue(entry.SiloAddress, out var row) && row.Etag == etag && TryWrite(entry, tableVersion));
    }

    public Task UpdateIAmAlive(MembershipEntry entry)
    {
        lock (_lock)
        {
            if (_rows.TryGetValue(entry.SiloAddress, out var row))
                row.Entry.IAmAliveTime = entry.IAmAliveTime;
        }

        return Task.CompletedTask;
    }

    private TableVersion Version() => new(_version, Etag());

    private string Etag() => _version.ToString(CultureInfo.InvariantCulture);

    private bool TryWrite(MembershipEntry entry, TableVersion next)
    {
        if (next.VersionEtag != Etag())
            return false;
        _version = next.Version;
        _rows[entry.SiloAddress] = (entry.Copy(), Etag());
        return true;
    }
}
