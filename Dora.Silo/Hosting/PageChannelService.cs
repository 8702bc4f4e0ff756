using Dora.Grains;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;

namespace Dora.Silo.Hosting;

/// <summary>
/// Serves the page channel while the silo is active: not earlier, because requests need the grains, and not longer, because clients must go to the other
/// workers while this one still hands its grains over. Nor before this worker knows the cluster that it is a member of: until then it would ask the store for
/// what the others have cached.
/// </summary>
internal sealed class PageChannelService(PageChannelListener listener, IPageRequestHandler handler, ILocalSiloDetails self, LocalWorkers workers, IServiceProvider services)
    : ILifecycleParticipant<ISiloLifecycle>, ILocalWorker
{
    // As the rest of the cluster sees this worker: clients in this process find it by that.
    private string Host => self.SiloAddress.Endpoint.Address.ToString();

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(PageChannelService), ServiceLifecycleStage.Active, StartAsync, _ => StopAsync());

    public bool TryRead(in ReadRequest request, Span<byte> destination, out int bytes)
    {
        bool isRead = handler.TryReadWarm(request, destination, out ReadOutcome outcome);
        bytes = outcome.Bytes;
        return isRead;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await services.WaitForWorkerAsync(listener.WorkerId, cancellationToken).ConfigureAwait(false);
        listener.Start(handler);
        workers.Add(listener.WorkerId, Host, listener.EndPoint.Port, this);
    }

    private Task StopAsync()
    {
        workers.Remove(listener.WorkerId, Host, listener.EndPoint.Port);
        return listener.StopAsync();
    }
}
