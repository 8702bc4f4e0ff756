using Orleans.Runtime;

namespace Orleans;

/// <summary>The shared, versioned list of silos. Every change names the version it was based on.</summary>
public interface IMembershipTable
{
    Task InitializeMembershipTable(bool tryInitTableVersion);

    Task DeleteMembershipTableEntries(string clusterId);

    Task CleanupDefunctSiloEntries(DateTimeOffset beforeDate);

    Task<MembershipTableData> ReadRow(SiloAddress key);

    Task<MembershipTableData> ReadAll();

    /// <summary>False when the table version or the row changed meanwhile.</summary>
    Task<bool> InsertRow(MembershipEntry entry, TableVersion tableVersion);

    /// <summary>False when the table version or the row changed meanwhile.</summary>
    Task<bool> UpdateRow(MembershipEntry entry, string etag, TableVersion tableVersion);

    /// <summary>Writes only the time stamp; changes no version.</summary>
    Task UpdateIAmAlive(MembershipEntry entry);
}

/// <summary>The version of a membership table.</summary>
[GenerateSerializer, Immutable]
[Alias("Orleans.TableVersion")]
public sealed class TableVersion(int version, string eTag) : IEquatable<TableVersion>
{
    [Id(0)]
    public int Version { get; } = version;

    [Id(1)]
    public string VersionEtag { get; } = eTag;

    /// <summary>The version to write on top of this one.</summary>
    public TableVersion Next() => new(Version + 1, VersionEtag);

    public bool Equals(TableVersion? other) => other is not null && Version == other.Version && VersionEtag == other.VersionEtag;

    public override bool Equals(object? obj) => Equals(obj as TableVersion);

    public override int GetHashCode() => HashCode.Combine(Version, VersionEtag);

    public override string ToString() => $"<{Version}, {VersionEtag}>";
}

/// <summary>Rows of a membership table, each with its etag.</summary>
[GenerateSerializer]
[Alias("Orleans.MembershipTableData")]
public sealed class MembershipTableData
{
    public MembershipTableData(List<Tuple<MembershipEntry, string>> list, TableVersion version)
    {
        Members = list;
        Version = version;
    }

    public MembershipTableData(Tuple<MembershipEntry, string> tuple, TableVersion version)
        : this([tuple], version)
    {
    }

    public MembershipTableData(TableVersion version)
        : this([], version)
    {
    }

    [Id(0)]
    public IReadOnlyList<Tuple<MembershipEntry, string>> Members { get; }

    [Id(1)]
    public TableVersion Version { get; }

    public Tuple<MembershipEntry, string>? TryGet(SiloAddress silo) => Members.FirstOrDefault(row => row.Item1.SiloAddress.Equals(silo));
}
