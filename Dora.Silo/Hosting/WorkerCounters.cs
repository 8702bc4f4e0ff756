using Dora.Grains.Workers;
using Dora.Silo.PageChannel;

namespace Dora.Silo.Hosting;

/// <summary>What the worker counts outside the stores.</summary>
internal sealed class WorkerCounters(MeteredUfsProvider stores, PageChannelListener listener) : IWorkerCounters
{
    public long StoreBytes => stores.Bytes;

    public int PageConnections => listener.ConnectionCount;
}
