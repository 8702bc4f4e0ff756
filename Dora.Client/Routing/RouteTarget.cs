using System.Text;
using Dora.PageChannel.Client;

namespace Dora.Client.Routing;

/// <summary>
/// What a request is about, and who owns it. The owners' channels are remembered for one snapshot, so that the warm path neither hashes nor looks up.
/// </summary>
/// <param name="path">The Dora path.</param>
/// <param name="file">The file, once known; a stat finds it in the mount table of each snapshot.</param>
/// <param name="length">How long it is, once known.</param>
internal sealed class RouteTarget(DoraPath path, FileId? file = null, long length = 0)
{
    private Known? _known;

    /// <summary>The Dora path.</summary>
    public DoraPath Path { get; } = path;

    /// <summary>The path in UTF-8.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; } = Encoding.UTF8.GetBytes(path.Value);

    /// <summary>How long the file was when it was opened, or last read by its path; 0: not known.</summary>
    public long KnownLength { get; set; } = length;

    /// <summary>The file, as a snapshot has it.</summary>
    public FileId In(ClusterSnapshot cluster) => file ?? cluster.Mounts.FileIdOf(Path);

    /// <summary>The owner in a snapshot that has workers.</summary>
    public WorkerChannel OwnerIn(ClusterSnapshot cluster, PageChannelPool pool) => KnownIn(cluster, pool).Channel;

    /// <summary>Over how many of its first owners reads of the file are spread, by its mount.</summary>
    public int ReplicasIn(ClusterSnapshot cluster, PageChannelPool pool) => KnownIn(cluster, pool).Replicas;

    /// <summary>The first owners in a snapshot that has workers, in ring order.</summary>
    public WorkerChannel[] OwnersIn(ClusterSnapshot cluster, PageChannelPool pool) => KnownIn(cluster, pool).Owners(In(cluster), pool);

    private Known KnownIn(ClusterSnapshot cluster, PageChannelPool pool)
    {
        Known? known = _known;
        if (!ReferenceEquals(known?.Cluster, cluster))
        {
            int replicas = cluster.Mounts.Resolve(Path)?.Mount.Replicas ?? 1;
            _known = known = new Known(cluster, pool.For(cluster.OwnerOf(In(cluster))!), replicas);
        }

        return known;
    }

    private sealed record Known(ClusterSnapshot Cluster, WorkerChannel Channel, int Replicas)
    {
        private WorkerChannel[]? _owners;

        public WorkerChannel[] Owners(FileId file, PageChannelPool pool)
        {
            if (_owners is not { } owners)
            {
                Span<int> ranks = stackalloc int[ReplicaChoice.Max];
                owners = new WorkerChannel[Cluster.Ring.Owners(file, ranks)];
                for (int rank = 0; rank < owners.Length; rank++)
                {
                    owners[rank] = pool.For(Cluster.Workers[ranks[rank]]);
                }

                _owners = owners;
            }

            return owners;
        }
    }
}
