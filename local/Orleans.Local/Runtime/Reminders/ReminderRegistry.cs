using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>Writes the reminders of grains, and tells the silo that ticks them.</summary>
internal sealed class ReminderRegistry(IReminderTable table, SiloCore core, ISystemCalls system, MembershipOracle membership, IOptions<ReminderOptions> options, ILogger<ReminderRegistry> log) : IReminderRegistry
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        Validate(callingGrainId, reminderName, dueTime, period);
        var entry = new ReminderEntry { GrainId = callingGrainId, ReminderName = reminderName, StartAt = core.Time.GetUtcNow().UtcDateTime + dueTime, Period = period };
        entry.ETag = await table.UpsertRow(entry).ConfigureAwait(true) ?? throw new ReminderException($"Could not register reminder {reminderName} of {callingGrainId}.");
        await TellOwnerAsync(callingGrainId).ConfigureAwait(true);
        return new Reminder(reminderName, entry.ETag);
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var handle = reminder as Reminder ?? throw new ArgumentException("The reminder was not made by this service.", nameof(reminder));
        if (!await table.RemoveRow(callingGrainId, handle.ReminderName, handle.ETag).ConfigureAwait(true))
            throw new ReminderException($"Could not unregister reminder {handle.ReminderName} of {callingGrainId}: it is gone, or was registered anew.");
        await TellOwnerAsync(callingGrainId).ConfigureAwait(true);
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        await table.ReadRow(callingGrainId, reminderName).ConfigureAwait(true) is { } entry ? new Reminder(entry.ReminderName, entry.ETag!) : null;

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await table.ReadRows(callingGrainId).ConfigureAwait(true)).Reminders.Select(entry => new Reminder(entry.ReminderName, entry.ETag!))];

    private void Validate(GrainId grain, string name, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime == Timeout.InfiniteTimeSpan || dueTime < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(dueTime), $"Cannot use {dueTime} as dueTime of reminder {grain}-{name}.");
        if (period == Timeout.InfiniteTimeSpan || period < TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(period), $"Cannot use {period} as period of reminder {grain}-{name}.");
        var minimum = options.Value.MinimumReminderPeriod;
        if (period < minimum)
            throw new ArgumentException($"Cannot register reminder {grain}-{name} as requested period ({period}) is less than minimum allowed reminder period ({minimum})");
    }

    // When the owner cannot be told, it finds the change at its next refresh.
    private async Task TellOwnerAsync(GrainId grain)
    {
        if (new DirectoryRing(membership.CurrentSnapshot).Owner(grain) is not { } owner)
            return;
        try
        {
            await system.CallAsync(owner, ReminderService.ReloadCall, new WireWriter().Grain(grain).ToArray(), CallTimeout).ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            log.LogWarning(exception, "{Silo} was not told of a changed reminder of {Grain}.", owner, grain);
        }
    }

    private sealed record Reminder(string ReminderName, string ETag) : IGrainReminder;
}
