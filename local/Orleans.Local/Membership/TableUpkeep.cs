using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime.Membership;

/// <summary>What a silo does with the membership table now and then: its time stamp, a fresh look in case gossip was lost, removal of old rows.</summary>
internal sealed class TableUpkeep(
    IMembershipOracle oracle,
    IMembershipTable table,
    IOptions<ClusterMembershipOptions> options,
    TimeProvider time,
    ILogger<TableUpkeep> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly ClusterMembershipOptions _options = options.Value;
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<TableUpkeep>(ServiceLifecycleStage.BecomeActive, StartAsync, StopAsync);

    public void Dispose() => _stop.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _loops = Task.WhenAll(
            EveryAsync(_options.IAmAliveTablePublishTimeout, oracle.PublishIAmAliveAsync),
            EveryAsync(_options.TableRefreshTimeout, async () => await oracle.Refresh(default, _stop.Token).ConfigureAwait(false)),
            EveryAsync(_options.DefunctSiloCleanupPeriod ?? TimeSpan.Zero, () => table.CleanupDefunctSiloEntries(time.GetUtcNow() - _options.DefunctSiloExpiration)));
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task EveryAsync(TimeSpan period, Func<Task> work)
    {
        if (period <= TimeSpan.Zero) return;
        using var timer = new PeriodicTimer(period, time);
        while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception e) when (!_stop.IsCancellationRequested)
            {
                logger.LogWarning(e, "The membership table could not be reached; the next attempt follows in {Period}.", period);
            }
        }
    }
}
