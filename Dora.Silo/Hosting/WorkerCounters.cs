using Dora.Grains.Workers;
using Dora.PageChannel.Server;
using Dora.Silo.Peers;
using Dora.Silo.SameHost;
using Dora.Storage.Files;

namespace Dora.Silo.Hosting;

/// <summary>What the worker counts outside the stores.</summary>
internal sealed class WorkerCounters(FileReader files, PagePeers peers, PageChannelListener listener, SameHostDoor? door = null) : IWorkerCounters
{
    public long StoreBytes => files.StoreBytes;

    public long PeerBytes => peers.Bytes;

    public int PageConnections => listener.ConnectionCount;

    public int SameHostClients => door?.ClientCount ?? 0;
}
