namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IReminderGrain")]
public interface IReminderGrain : IConformanceGrain
{
    [Alias("Register")]
    Task<string> RegisterAsync(string name, TimeSpan due, TimeSpan period);

    [Alias("Names")]
    Task<string[]> NamesAsync();

    [Alias("Has")]
    Task<bool> HasAsync(string name);

    [Alias("Unregister")]
    Task UnregisterAsync(string name);

    [Alias("Hold")]
    Task HoldAsync();
}

[HintedPlacement]
internal sealed class ReminderGrain : ConformanceGrain, IReminderGrain, IRemindable
{
    /// <summary>A tick of this name passes the gate.</summary>
    internal const string Slow = "slow";

    public async Task<string> RegisterAsync(string name, TimeSpan due, TimeSpan period) =>
        (await this.RegisterOrUpdateReminder(name, due, period)).ReminderName;

    public async Task<string[]> NamesAsync() => [.. (await this.GetReminders()).Select(static r => r.ReminderName).Order(StringComparer.Ordinal)];

    public async Task<bool> HasAsync(string name) => await this.GetReminder(name) is not null;

    public async Task UnregisterAsync(string name)
    {
        IGrainReminder? reminder = await this.GetReminder(name);
        await this.UnregisterReminder(reminder!);
    }

    public Task HoldAsync() => Gate.PassAsync();

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Journal.Add($"{reminderName} begins");
        Shelf.Put(Key, status);
        Shelf.Put(Key + "/instance", Instance);
        if (reminderName == Slow)
            await Gate.Of(Key + "/tick").PassAsync();
        Journal.Add(reminderName);
    }
}
