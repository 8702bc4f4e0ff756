using Orleans;
using Orleans.Runtime;

namespace Local.TestHost;

[GrainType("where")]
internal sealed class WhereGrain(ILocalSiloDetails silo) : Grain, IWhereGrain, IRemindable
{
    private int _calls;
    private int _ticks;

    public Task<Whereabouts> Where() => Task.FromResult(new Whereabouts(silo.SiloAddress, ++_calls));

    public Task Remind(TimeSpan period) => this.RegisterOrUpdateReminder("tick", period, period);

    public Task<int> Ticks() => Task.FromResult(_ticks);

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        _ticks++;
        return Task.CompletedTask;
    }
}
