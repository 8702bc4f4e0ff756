namespace Dora.Grains.Workers;

/// <summary>Tells this worker's own files from copies of files that others own.</summary>
internal sealed class OwnFiles(IClusterState cluster, ILocalSiloDetails local)
{
    private readonly WorkerId? _self = WorkerDescriptor.Parse(local.Name)?.Id;

    /// <summary>The cluster now.</summary>
    public ClusterSnapshot Cluster => cluster.Current;

    /// <summary>Whether this worker owns a file, as a snapshot has it.</summary>
    public bool Is(ClusterSnapshot snapshot, FileId file) => snapshot.OwnerOf(file)?.Id == _self;
}
