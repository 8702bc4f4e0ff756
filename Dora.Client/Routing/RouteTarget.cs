using System.Text;

namespace Dora.Client.Routing;

/// <summary>
/// What a request is about, and who owns it. The owner's channel is remembered for one snapshot, so that the warm path neither hashes nor looks up.
/// </summary>
/// <param name="path">The Dora path.</param>
/// <param name="file">The file, once known; a stat finds it in the mount table of each snapshot.</param>
internal sealed class RouteTarget(DoraPath path, FileId? file = null)
{
    private Owner? _owner;

    /// <summary>The Dora path.</summary>
    public DoraPath Path { get; } = path;

    /// <summary>The path in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = Encoding.UTF8.GetBytes(path.Value);

    /// <summary>The file, as a snapshot has it.</summary>
    public FileId In(ClusterSnapshot cluster) => file ?? cluster.Mounts.FileIdOf(Path);

    /// <summary>The owner in a snapshot that has workers.</summary>
    public PageChannel.WorkerChannel OwnerIn(ClusterSnapshot cluster, PageChannel.PageChannelPool pool)
    {
        Owner? known = _owner;
        if (!ReferenceEquals(known?.Cluster, cluster))
        {
            _owner = known = new Owner(cluster, pool.For(cluster.OwnerOf(In(cluster))!));
        }

        return known.Channel;
    }

    private sealed record Owner(ClusterSnapshot Cluster, PageChannel.WorkerChannel Channel);
}
