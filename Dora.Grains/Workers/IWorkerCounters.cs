namespace Dora.Grains.Workers;

/// <summary>What the worker process counts outside the stores.</summary>
public interface IWorkerCounters
{
    /// <summary>Bytes read from under stores since start.</summary>
    long StoreBytes { get; }

    /// <summary>Bytes that came from other workers' caches since start.</summary>
    long PeerBytes { get; }

    /// <summary>Open page-channel connections.</summary>
    int PageConnections { get; }

    /// <summary>Processes of this host that read pages from this worker's files.</summary>
    int SameHostClients { get; }
}
