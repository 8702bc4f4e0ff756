namespace Dora;

/// <summary>Names that a cluster's workers and clients must agree on.</summary>
public static class ClusterNames
{
    /// <summary>The cluster id of those who set none.</summary>
    public const string DefaultClusterId = "dora";

    /// <summary>Orleans' service id of every Dora cluster.</summary>
    public const string ServiceId = "dora";

    /// <summary>The SQLite file in a cluster's directory: membership, reminders, mounts and jobs.</summary>
    public const string DatabaseFile = "cluster.db";
}
