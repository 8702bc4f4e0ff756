using Dora.Grains.Workers;
using Dora.Silo.PageChannel;
using Dora.Silo.Peers;

namespace Dora.Silo.Hosting;

/// <summary>What the worker counts outside the stores.</summary>
internal sealed class WorkerCounters(MeteredUfsProvider stores, PagePeers peers, PageChannelListener listener) : IWorkerCounters
{
    public long StoreBytes => stores.Bytes;

    public long PeerBytes => peers.Bytes;

    public int PageConnections => listener.ConnectionCount;
}
