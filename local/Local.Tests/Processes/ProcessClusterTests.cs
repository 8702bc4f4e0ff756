using System.Diagnostics;
using Local.TestHost;
using Local.Tests.Clustering;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Runtime;
using Xunit.Abstractions;

namespace Local.Tests.Processes;

/// <summary>Silos in processes that share a SQLite file, seen by an external client.</summary>
[Trait("Category", "Process")]
public sealed class ProcessClusterTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string[] Keys = [.. Enumerable.Range(0, 60).Select(i => $"key-{i}")];

    private readonly OrleansDatabase _database = new();
    private readonly List<SiloProcess> _silos = [];
    private IHost _client = null!;

    public async Task InitializeAsync()
    {
        _silos.AddRange(await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => SiloProcess.StartAsync(_database.ConnectionString))));
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleansClient(client => ClusterSetup.Configure(client, _database.ConnectionString));
        _client = builder.Build();
        await _client.StartAsync();
        await EveryKeyAnswersAsync("at first", TimeSpan.FromSeconds(20), homes => homes.Values.Select(w => w.Silo).Distinct().Count() == 3);
    }

    public async Task DisposeAsync()
    {
        await _client.StopAsync();
        _client.Dispose();
        foreach (SiloProcess silo in _silos) await silo.DisposeAsync();
        _database.Dispose();
    }

    [Fact]
    public async Task KilledSilo_ItsKeys_AnswerElsewhereAndHealthyKeysKeepTheirState()
    {
        Dictionary<string, Whereabouts> before = await AskAllAsync();
        SiloProcess victim = _silos[1];
        Assert.Contains(before.Values, w => w.Silo.Equals(victim.Address));
        await victim.KillAsync();
        Dictionary<string, Whereabouts> after = await EveryKeyAnswersAsync("after SIGKILL", TimeSpan.FromSeconds(10), homes => homes.Values.All(w => !w.Silo.Equals(victim.Address)));
        foreach ((string key, Whereabouts was) in before.Where(p => !p.Value.Silo.Equals(victim.Address)))
            Assert.True(after[key].Silo.Equals(was.Silo) && after[key].Calls > was.Calls, $"{key} lost its state: {was} became {after[key]}");
    }

    [Fact]
    public async Task HungSilo_ItsKeys_AnswerElsewhereAndItEndsItselfWhenItWakes()
    {
        SiloProcess victim = _silos[2];
        await victim.SignalAsync("STOP");
        await EveryKeyAnswersAsync("after SIGSTOP", TimeSpan.FromSeconds(20), homes => homes.Values.All(w => !w.Silo.Equals(victim.Address)));
        await victim.SignalAsync("CONT");
        Assert.NotEqual(0, await victim.ExitAsync());
        await EveryKeyAnswersAsync("after the silo ended itself", TimeSpan.FromSeconds(10), _ => true);
        Dictionary<SiloAddress, SiloStatus> hosts = await Grains.GetGrain<IManagementGrain>(0).GetHosts();
        Assert.All(_silos[..2], s => Assert.Equal(SiloStatus.Active, hosts[s.Address]));
    }

    [Fact]
    public async Task RestartedSilo_SameEndpoint_ReplacesItsOlderSelf()
    {
        SiloProcess old = _silos[0];
        await old.KillAsync();
        SiloProcess again = await SiloProcess.StartAsync(_database.ConnectionString, old.SiloPort, old.GatewayPort);
        _silos.Add(again);
        Assert.True(again.Address.IsSuccessorOf(old.Address));
        await EveryKeyAnswersAsync("after the restart", TimeSpan.FromSeconds(10), homes => homes.Values.All(w => !w.Silo.Equals(old.Address)));
        Dictionary<SiloAddress, SiloStatus> hosts = await Grains.GetGrain<IManagementGrain>(0).GetHosts();
        Assert.Equal((SiloStatus.Dead, SiloStatus.Active), (hosts[old.Address], hosts[again.Address]));
    }

    [Fact]
    public async Task EverySiloKilledAndRestarted_SameClient_Recovers()
    {
        await Task.WhenAll(_silos.Select(s => s.KillAsync()));
        _silos.AddRange(await Task.WhenAll(_silos.ToArray().Select(s => SiloProcess.StartAsync(_database.ConnectionString, s.SiloPort, s.GatewayPort))));
        await EveryKeyAnswersAsync("after the outage", TimeSpan.FromSeconds(20), _ => true);
    }

    [Fact]
    public async Task SiloOfARemindedGrainKilled_Reminder_TicksElsewhere()
    {
        await Grains.GetGrain<IWhereGrain>("reminded").Remind(TimeSpan.FromSeconds(1));
        await UntilAsync("the first tick", TimeSpan.FromSeconds(20), async () => await Grains.GetGrain<IWhereGrain>("reminded").Ticks() > 0);
        SiloAddress home = (await Grains.GetGrain<IWhereGrain>("reminded").Where()).Silo;
        await _silos.Single(s => s.Address.Equals(home)).KillAsync();
        await UntilAsync("a tick after SIGKILL", TimeSpan.FromSeconds(20), async () => await Grains.GetGrain<IWhereGrain>("reminded").Ticks() > 0);
    }

    [Fact]
    public async Task SiloStoppedInGoodOrder_ItsKeys_MoveWithoutWaitingForDetection()
    {
        Assert.Equal(0, await _silos[1].StopAsync());
        await EveryKeyAnswersAsync("after the stop", TimeSpan.FromSeconds(5), homes => homes.Values.All(w => !w.Silo.Equals(_silos[1].Address)));
        Assert.Equal(SiloStatus.Dead, (await Grains.GetGrain<IManagementGrain>(0).GetHosts())[_silos[1].Address]);
    }

    private IClusterClient Grains => _client.Services.GetRequiredService<IClusterClient>();

    private async Task<Dictionary<string, Whereabouts>> AskAllAsync()
    {
        Whereabouts[] answers = await Task.WhenAll(Keys.Select(k => Grains.GetGrain<IWhereGrain>(k).Where()));
        return Keys.Zip(answers).ToDictionary(p => p.First, p => p.Second);
    }

    private async Task<Dictionary<string, Whereabouts>> EveryKeyAnswersAsync(string when, TimeSpan within, Func<Dictionary<string, Whereabouts>, bool> good)
    {
        Dictionary<string, Whereabouts> homes = [];
        await UntilAsync($"every key {when}", within, async () => good(homes = await AskAllAsync()));
        return homes;
    }

    private async Task UntilAsync(string what, TimeSpan within, Func<Task<bool>> good)
    {
        long started = Stopwatch.GetTimestamp();
        for (Exception? last = null; ;)
        {
            try
            {
                if (await good())
                {
                    output.WriteLine($"{what}: {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s");
                    return;
                }
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                last = e;
            }

            Assert.True(Stopwatch.GetElapsedTime(started) < within, $"Waited {within.TotalSeconds} s for {what}. Last: {last}");
            await Task.Delay(50);
        }
    }
}
