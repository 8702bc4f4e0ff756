using Orleans.Runtime;

namespace Orleans.Runtime
{
    /// <summary>When a reminder first ticked, how often it ticks, and when this tick was due.</summary>
    [GenerateSerializer, Immutable]
    [Alias("Orleans.Runtime.TickStatus")]
    public readonly struct TickStatus(DateTime firstTickTime, TimeSpan period, DateTime timeStamp)
    {
        [Id(0)]
        public DateTime FirstTickTime { get; } = firstTickTime;

        [Id(1)]
        public TimeSpan Period { get; } = period;

        [Id(2)]
        public DateTime CurrentTickTime { get; } = timeStamp;

        public override string ToString() => $"<{FirstTickTime:O}, {Period}, {CurrentTickTime:O}>";
    }

    /// <summary>A handle of a registered reminder.</summary>
    public interface IGrainReminder
    {
        string ReminderName { get; }
    }
}

namespace Orleans
{
    /// <summary>A grain that has reminders.</summary>
    [Alias("Orleans.IRemindable")]
    public interface IRemindable : IGrain
    {
        /// <summary>Called at least once per tick.</summary>
        [Alias("ReceiveReminder")]
        Task ReceiveReminder(string reminderName, TickStatus status);
    }

    /// <summary>The durable list of reminders.</summary>
    public interface IReminderTable
    {
        Task StartAsync(CancellationToken cancellationToken = default);

        Task<ReminderTableData> ReadRows(GrainId grainId);

        /// <summary>The reminders whose grain's uniform hash is in (begin, end], wrapping around; all when begin equals end.</summary>
        Task<ReminderTableData> ReadRows(uint begin, uint end);

        Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName);

        /// <summary>Writes the row whatever its etag was; returns the new etag.</summary>
        Task<string?> UpsertRow(ReminderEntry entry);

        /// <summary>False when the row is gone or its etag differs.</summary>
        Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag);

        Task TestOnlyClearTable();

        Task StopAsync(CancellationToken cancellationToken = default);
    }

    /// <summary>Some reminders.</summary>
    [GenerateSerializer]
    [Alias("Orleans.ReminderTableData")]
    public sealed class ReminderTableData
    {
        public ReminderTableData() => Reminders = [];

        public ReminderTableData(IEnumerable<ReminderEntry> list) => Reminders = [.. list];

        public ReminderTableData(ReminderEntry entry) => Reminders = [entry];

        [Id(0)]
        public IList<ReminderEntry> Reminders { get; private set; }
    }

    /// <summary>A reminder's row.</summary>
    [GenerateSerializer]
    [Alias("Orleans.ReminderEntry")]
    public sealed class ReminderEntry
    {
        [Id(0)]
        public GrainId GrainId { get; set; }

        [Id(1)]
        public string ReminderName { get; set; } = null!;

        /// <summary>The first tick, in UTC.</summary>
        [Id(2)]
        public DateTime StartAt { get; set; }

        [Id(3)]
        public TimeSpan Period { get; set; }

        [Id(4)]
        public string? ETag { get; set; }
    }
}

namespace Orleans.Timers
{
    /// <summary>The reminders of grains.</summary>
    public interface IReminderRegistry
    {
        Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period);

        Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder);

        Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName);

        Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId);
    }
}
