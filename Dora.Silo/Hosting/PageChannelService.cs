using Dora.Silo.PageChannel;

namespace Dora.Silo.Hosting;

/// <summary>
/// Serves the page channel while the silo is active: not earlier, because requests need the grains, and not longer, because clients must go to the other
/// workers while this one still hands its grains over.
/// </summary>
internal sealed class PageChannelService(PageChannelListener listener, IPageRequestHandler handler) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(PageChannelService), ServiceLifecycleStage.Active, Start, _ => listener.StopAsync());

    private Task Start(CancellationToken cancellationToken)
    {
        listener.Start(handler);
        return Task.CompletedTask;
    }
}
