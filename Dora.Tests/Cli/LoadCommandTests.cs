using Dora.Cli.Commands;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Dora.Tests.Client;
using Dora.Tests.PageChannel.Server;

namespace Dora.Tests.Cli;

public sealed class LoadCommandTests
{
    [Fact]
    public async Task Load_Interrupted_StopsTheJobAndSaysWhatStays()
    {
        (string error, EndlessJob job) = await InterruptAsync(canStop: true);

        Assert.True(job.IsStopped);
        Assert.Contains("dora: 100.0 MiB were found and the workers can hold 32.0 MiB\n", error, StringComparison.Ordinal); // said while it ran
        Assert.Contains("stopped: 3 files, 3.0 MiB are loaded and stay; 'dora load /data' goes on from there", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_InterruptedAndNoWorkerAnswers_SaysHowToStopTheJob()
    {
        (string error, EndlessJob job) = await InterruptAsync(canStop: false);

        Assert.False(job.IsStopped);
        Assert.Contains("may still run", error, StringComparison.Ordinal);
        Assert.Contains("'dora job cancel j'", error, StringComparison.Ordinal);
    }

    private static async Task<(string Error, EndlessJob Job)> InterruptAsync(bool canStop)
    {
        await using var cluster = new FakeCluster(1);
        var job = new EndlessJob(canStop);
        cluster.Fakes.Add<ILoadJobGrain>(_ => job);
        await using DoraClient client = await cluster.ConnectAsync();
        using var error = new StringWriter();
        using var interrupt = new CancellationTokenSource();

        Task<LoadJobStatus> loading = LoadCommand.LoadAsync(client, new Terminal(TextWriter.Null, error, json: false), new LoadJobSpec("/data", 1), interrupt.Token);
        await job.Polled.Task.WaitAsync(RawClient.Patience);
        await interrupt.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loading);
        return (error.ToString(), job);
    }

    private sealed class EndlessJob(bool canStop) : ILoadJobGrain
    {
        public TaskCompletionSource Polled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool IsStopped { get; private set; }

        public Task<LoadJobReply> StartAsync(LoadJobSpec spec) => Reply(LoadJobState.Running);

        public Task<LoadJobReply> GetStatusAsync()
        {
            Polled.TrySetResult();
            return Reply(LoadJobState.Running);
        }

        public Task<LoadJobReply> StopAsync()
        {
            IsStopped = canStop;
            return canStop ? Reply(LoadJobState.Stopped) : Task.FromResult(new LoadJobReply(DoraErrorCode.Busy, "it is being moved", null));
        }

        private static Task<LoadJobReply> Reply(LoadJobState state) => Task.FromResult(new LoadJobReply(DoraErrorCode.None, null, new LoadJobStatus
        {
            JobId = "j",
            Path = "/data",
            State = state,
            ListingComplete = false,
            FilesFound = 100,
            BytesFound = 100 << 20,
            FilesDone = 3,
            BytesDone = 3 << 20,
            FilesFailed = 0,
            Failures = [],
            StartedAt = default,
            EndedAt = null,
            Note = "100.0 MiB were found and the workers can hold 32.0 MiB",
        }));
    }
}
