using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Orleans.Runtime;

/// <summary>Ticks the reminders of the grains whose hash falls to this silo.</summary>
internal sealed class ReminderService : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    public const string ReloadCall = "reminders.reload";

    private readonly ConcurrentDictionary<(GrainId Grain, string Name), LocalReminder> _reminders = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stopped = new();
    private readonly IReminderTable _table;
    private readonly SiloCore _core;
    private readonly MembershipOracle _membership;
    private readonly IGrainFactory _grains;
    private readonly ReminderOptions _options;
    private readonly ILogger<ReminderService> _log;
    private ITimer? _refresh;
    private volatile DirectoryRing _ring;

    public ReminderService(IReminderTable table, SiloCore core, SystemCalls system, MembershipOracle membership, IGrainFactory grains, IOptions<ReminderOptions> options, ILogger<ReminderService> log)
    {
        _table = table;
        _core = core;
        _membership = membership;
        _ring = new DirectoryRing(membership.CurrentSnapshot);
        _grains = grains;
        _options = options.Value;
        _log = log;
        system.Handle(ReloadCall, async (_, body) =>
        {
            await ReloadAsync(new WireReader(body).Grain()).ConfigureAwait(false);
            return [];
        });
    }

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<ReminderService>(ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose()
    {
        _refresh?.Dispose();
        _gate.Dispose();
        _stopped.Dispose();
    }

    private async Task StartAsync(CancellationToken ct)
    {
        await _table.StartAsync(ct).ConfigureAwait(false);
        _membership.Changed += OnMembershipChanged;
        _ring = new DirectoryRing(_membership.CurrentSnapshot);
        _refresh = _core.Time.CreateTimer(_ => StartReload(), null, _options.RefreshReminderListPeriod, _options.RefreshReminderListPeriod);
        StartReload();
    }

    private async Task StopAsync(CancellationToken ct)
    {
        _membership.Changed -= OnMembershipChanged;
        _refresh?.Dispose();
        await _stopped.CancelAsync().ConfigureAwait(false);
        await _table.StopAsync(ct).ConfigureAwait(false);
    }

    private void OnMembershipChanged(ClusterMembershipSnapshot snapshot)
    {
        _ring = new DirectoryRing(snapshot);
        StartReload();
    }

    private void StartReload() => _ = Task.Run(async () =>
    {
        try
        {
            await ReloadAsync(null).ConfigureAwait(false);
        }
        catch (Exception exception) when (!_stopped.IsCancellationRequested)
        {
            _log.LogWarning(exception, "The list of reminders could not be read; the old one stays until the next refresh.");
        }
        catch (Exception)
        {
            // The silo is leaving: its reminders are the others'.
        }
    });

    /// <summary>Brings the ticking reminders in line with the table: those of one grain, or all.</summary>
    private async Task ReloadAsync(GrainId? grain)
    {
        await _gate.WaitAsync(_stopped.Token).ConfigureAwait(false);
        try
        {
            var ring = _ring;
            var data = grain is { } one ? await _table.ReadRows(one).ConfigureAwait(false) : await _table.ReadRows(0, 0).ConfigureAwait(false);
            var owned = data.Reminders.Where(entry => _core.Local.SiloAddress.Equals(ring.Owner(entry.GrainId))).ToDictionary(entry => (entry.GrainId, entry.ReminderName));
            foreach (var (key, reminder) in _reminders)
            {
                if (grain is not null && key.Grain != grain)
                    continue;
                if (owned.TryGetValue(key, out var entry) && entry.ETag == reminder.ETag)
                    owned.Remove(key);
                else if (_reminders.TryRemove(key, out _))
                    reminder.Stop();
            }

            foreach (var (key, entry) in owned)
                _reminders[key] = new LocalReminder(entry, this, isNew: grain is not null);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>One reminder's loop: waits for the next due time, calls the grain, and again. Never two ticks at once.</summary>
    private sealed class LocalReminder
    {
        // Timers have a limit of 49 days.
        private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

        private readonly CancellationTokenSource _stop;
        private readonly ReminderEntry _entry;
        private readonly ReminderService _service;

        public LocalReminder(ReminderEntry entry, ReminderService service, bool isNew)
        {
            _entry = entry;
            _service = service;
            _stop = CancellationTokenSource.CreateLinkedTokenSource(service._stopped.Token);
            var token = _stop.Token;
            using (ExecutionContext.SuppressFlow())
                _ = Task.Run(() => RunAsync(isNew, token), CancellationToken.None);
        }

        public string? ETag => _entry.ETag;

        private DateTime Now => _service._core.Time.GetUtcNow().UtcDateTime;

        public void Stop() => _stop.Cancel();

        private async Task RunAsync(bool isNew, CancellationToken ct)
        {
            try
            {
                for (var due = isNew ? _entry.StartAt : NextDue(); ; due = NextDue())
                {
                    while (due - Now is { Ticks: > 0 } wait)
                        await Task.Delay(wait < LongestWait ? wait : LongestWait, _service._core.Time, ct).ConfigureAwait(false);
                    ct.ThrowIfCancellationRequested();
                    await TickAsync().ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                // Removed, changed, or the silo stops.
            }
        }

        // The schedule is fixed by the first tick: a late tick does not move the ones after it.
        private DateTime NextDue()
        {
            var late = Now - _entry.StartAt;
            return late < TimeSpan.Zero ? _entry.StartAt : _entry.StartAt + (_entry.Period * (Math.Floor(late / _entry.Period) + 1));
        }

        private async Task TickAsync()
        {
            try
            {
                var grain = _service._grains.GetGrain<IRemindable>(_entry.GrainId);
                await grain.ReceiveReminder(_entry.ReminderName, new TickStatus(_entry.StartAt, _entry.Period, Now)).ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                _service._log.LogWarning(exception, "Reminder {Name} of {Grain} failed; the next tick comes as planned.", _entry.ReminderName, _entry.GrainId);
            }
        }
    }
}
