using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime.Membership;

/// <summary>
/// Probes the next silos on the hash circle and votes against those that miss too many probes in a row. A refused connection is a miss at once,
/// a hung silo is one after the probe's timeout. A silo that was away itself (stopped, starved) looks into the table before it accuses others.
/// </summary>
internal sealed class FailureDetector(
    IMembershipOracle oracle,
    ISystemCalls calls,
    ILocalSiloDetails local,
    IOptions<ClusterMembershipOptions> options,
    TimeProvider time,
    ILogger<FailureDetector> logger) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const string ProbeCall = "probe";

    private readonly ClusterMembershipOptions _options = options.Value;
    private readonly Dictionary<SiloAddress, CancellationTokenSource> _probed = [];
    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle)
    {
        calls.Handle(ProbeCall, (_, _) => Task.FromResult(Array.Empty<byte>()));
        lifecycle.Subscribe<FailureDetector>(ServiceLifecycleStage.BecomeActive, StartAsync, StopAsync);
    }

    public void Dispose() => _stop.Dispose();

    /// <summary>The silos to probe: those that follow this one on the hash circle.</summary>
    internal static List<SiloAddress> ChooseProbed(ClusterMembershipSnapshot snapshot, SiloAddress self, int count)
    {
        int here = self.GetConsistentHashCode();
        return [.. snapshot.Members.Values
            .Where(m => m.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping && !m.SiloAddress.Equals(self))
            .Select(m => m.SiloAddress)
            .OrderBy(s => unchecked((uint)(s.GetConsistentHashCode() - here)))
            .Take(count)];
    }

    private Task StartAsync(CancellationToken cancellationToken)
    {
        if (_options.LivenessEnabled) _following = Task.Run(() => FollowAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        await foreach (ClusterMembershipSnapshot snapshot in oracle.MembershipUpdates.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            List<SiloAddress> chosen = ChooseProbed(snapshot, local.SiloAddress, _options.NumProbedSilos);
            foreach (SiloAddress silo in _probed.Keys.Except(chosen).ToList())
            {
                _probed.Remove(silo, out CancellationTokenSource? probing);
                using (probing) await probing!.CancelAsync().ConfigureAwait(false);
            }

            foreach (SiloAddress silo in chosen.Except(_probed.Keys).ToList())
            {
                var probing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                _probed.Add(silo, probing);
                _ = Task.Run(() => ProbeAsync(silo, probing.Token), CancellationToken.None);
            }
        }
    }

    private async Task ProbeAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        int missed = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            long started = time.GetTimestamp();
            Exception? miss = await TryProbeAsync(silo, cancellationToken).ConfigureAwait(false);
            missed = miss is null ? 0 : missed + 1;
            if (missed >= _options.NumMissedProbesLimit && !cancellationToken.IsCancellationRequested)
                await SuspectAsync(silo, missed, miss!, cancellationToken).ConfigureAwait(false);

            // After a miss the next probe follows sooner; a timeout has already used its time.
            TimeSpan pause = miss is null ? _options.ProbeTimeout : _options.MinProbeTimeout - time.GetElapsedTime(started);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<Exception?> TryProbeAsync(SiloAddress silo, CancellationToken cancellationToken)
    {
        try
        {
            TimeSpan timeout = TimeSpan.FromTicks(Math.Clamp(_options.ProbeTimeout.Ticks, _options.MinProbeTimeout.Ticks, _options.MaxProbeTimeout.Ticks));
            await calls.CallAsync(silo, ProbeCall, ReadOnlyMemory<byte>.Empty, timeout, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
    }

    private async Task SuspectAsync(SiloAddress silo, int missed, Exception miss, CancellationToken cancellationToken)
    {
        try
        {
            await oracle.Refresh(default, cancellationToken).ConfigureAwait(false);
            ClusterMembershipSnapshot now = oracle.CurrentSnapshot;
            if (now.GetSiloStatus(local.SiloAddress) == SiloStatus.Dead || now.GetSiloStatus(silo) == SiloStatus.Dead) return;
            bool dead = await oracle.SuspectAsync(silo, cancellationToken).ConfigureAwait(false);
            logger.LogWarning("{Silo} missed {Missed} probes ({Reason}): {Outcome}.", silo, missed, miss.Message, dead ? "it is dead now" : "voted against it");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning(e, "The vote against {Silo} could not be written; the next missed probe repeats it.", silo);
        }
        catch (OperationCanceledException)
        {
            // This silo stops, or the other one is gone from the snapshot.
        }
    }
}
