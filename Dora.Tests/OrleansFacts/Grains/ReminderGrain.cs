namespace Dora.Tests.OrleansFacts.Grains;

[Alias("Dora.Tests.IReminderGrain")]
public interface IReminderGrain : IFactGrain
{
    [Alias("Register")]
    Task<string> RegisterAsync(string name, TimeSpan due, TimeSpan period);

    [Alias("Unregister")]
    Task UnregisterAsync(string name);
}

[HintedPlacement]
internal sealed class ReminderGrain : FactGrain, IReminderGrain, IRemindable
{
    public async Task<string> RegisterAsync(string name, TimeSpan due, TimeSpan period) =>
        (await this.RegisterOrUpdateReminder(name, due, period)).ReminderName;

    public async Task UnregisterAsync(string name)
    {
        IGrainReminder? reminder = await this.GetReminder(name);
        await this.UnregisterReminder(reminder!);
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Journal.Add($"{reminderName} begins");
        Shelf.Put(Key, status);
        Shelf.Put(Key + "/instance", Instance);
        Journal.Add(reminderName);
    }
}
