using System.Diagnostics;
using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Harness;
using Dora.PageChannel.Client;

namespace Dora.Benchmarks.Channel;

/// <summary>
/// What polling costs where it cannot help: connections that are idle, connections that are asked now and then, and more busy connections than may poll.
/// The same with polling switched off beside it.
/// </summary>
internal static class Polling
{
    private const int IdleConnections = 100;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    internal static async Task MeasureAsync(BenchmarkRun run, DoraContender dora, DoraContender sleeper)
    {
        run.Progress("polling");
        (OwnConnectionContender polls, OwnConnectionContender sleeps) = (new(dora), new(sleeper));
        await MeasureQuietAsync(run, "100 idle connections", polls, sleeps, static (_, time) => Task.Delay(time));
        await MeasureQuietAsync(run, "100 connections, each pinged once a second", polls, sleeps, PingAsync);
        var load = new LoadCase("4 KiB, 8 connections of 1 caller", 4096, 8);
        var turns = new Turns(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(run.Quick ? 0.25 : 0.6), 5);
        Dictionary<string, List<Batch>> batches = await turns.RunAsync([polls, sleeps], load);
        (List<Batch> with, List<Batch> without) = (batches[polls.Name], batches[sleeps.Name]);
        Add("rate", "1/s", static b => b.Requests / b.Seconds);
        Add("p99", "us", static b => b.P99 * 1e6);
        Add("client CPU per GiB", "s", b => b.ClientCpu / b.Requests / load.Bytes * (1 << 30));
        Add("server CPU per GiB", "s", b => b.ServerCpu / b.Requests / load.Bytes * (1 << 30));

        void Add(string metric, string unit, Func<Batch, double> value) => run.Add(
            new BenchmarkRow(load.Name, metric, unit, Statistics.Median(with.Select(value)), sleeps.Name, Statistics.Median(without.Select(value))));
    }

    private static async Task MeasureQuietAsync(
        BenchmarkRun run, string name, OwnConnectionContender polls, OwnConnectionContender sleeps, Func<PageChannelConnection[], TimeSpan, Task> use)
    {
        List<(double Client, double Server)> with = [], without = [];
        for (int round = 0; round < 2; round++)
        {
            with.Add(await CpuAsync(polls, use));
            without.Add(await CpuAsync(sleeps, use));
        }

        // What else the processes do now and then is in all figures: the least shows what is left without it.
        run.Add(new BenchmarkRow(name, "server CPU, of one processor", "%", with.Min(static w => w.Server), sleeps.Name, without.Min(static w => w.Server)));
        run.Add(new BenchmarkRow(name, "client CPU, of one processor", "%", with.Min(static w => w.Client), sleeps.Name, without.Min(static w => w.Client)));
    }

    private static async Task<(double Client, double Server)> CpuAsync(OwnConnectionContender contender, Func<PageChannelConnection[], TimeSpan, Task> use)
    {
        var connections = new PageChannelConnection[IdleConnections];
        for (int i = 0; i < connections.Length; i++)
        {
            connections[i] = await contender.ConnectAsync();
            await AskAsync(connections[i]);
        }

        // The timers that ran for these requests come to rest first.
        await Task.Delay(TimeSpan.FromSeconds(1));
        ServerSample before = await contender.SampleAsync();
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        await use(connections, TimeSpan.FromSeconds(2));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double client = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        double server = (await contender.SampleAsync()).CpuSeconds - before.CpuSeconds;
        foreach (PageChannelConnection connection in connections)
        {
            await connection.CloseAsync();
        }

        return (100 * client / seconds, 100 * server / seconds);
    }

    private static async Task PingAsync(PageChannelConnection[] connections, TimeSpan time)
    {
        for (int i = 0; i < connections.Length * time.TotalSeconds; i++)
        {
            await AskAsync(connections[i % connections.Length]);
            await Task.Delay(TimeSpan.FromSeconds(1) / connections.Length);
        }
    }

    private static async Task AskAsync(PageChannelConnection connection)
    {
        ChannelReply reply = await connection.SendAsync(ChannelRequest.Ping, 0, Limit, CancellationToken.None);
        BenchmarkRun.Check(reply.IsOk, $"a ping was not answered: {reply.Message}");
    }
}
