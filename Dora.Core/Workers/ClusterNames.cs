namespace Dora;

/// <summary>Names that a cluster's workers and clients must agree on.</summary>
public static class ClusterNames
{
    /// <summary>The cluster id of those who set none.</summary>
    public const string DefaultClusterId = "dora";

    /// <summary>Orleans' service id of every Dora cluster.</summary>
    public const string ServiceId = "dora";

    /// <summary>The file in a cluster's directory that holds its id, one line; absent for <see cref="DefaultClusterId"/>.</summary>
    public const string IdFile = "id";

    /// <summary>The cluster's directory inside a data directory of <c>dora up</c>.</summary>
    public const string DirectoryName = "cluster";

    /// <summary>The SQLite file in a cluster's directory: membership, reminders, mounts and jobs.</summary>
    public const string DatabaseFile = "cluster.db";
}
