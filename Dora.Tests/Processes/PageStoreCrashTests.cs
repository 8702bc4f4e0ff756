using System.Globalization;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>A real worker that is killed while it fills its page store, and whose page files are damaged while it is down: right bytes afterwards.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class PageStoreCrashTests
{
    private const int Rounds = 5;
    private const int FilesPerRound = 30;

    // Less than all the files, so that segments are evicted too.
    private const long Capacity = 32L * 1024 * 1024;

    [Fact]
    public async Task Worker_KilledWhileLoadingThenDamaged_RightBytesAfterwards()
    {
        await using var worker = new OneWorker(Capacity);
        Directory.CreateDirectory(worker.Source);
        List<string> names = [];
        long recovered = 0;
        for (int round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            string folder = string.Create(CultureInfo.InvariantCulture, $"round{round}");
            string[] added = [.. SourceFiles.Write(Path.Combine(worker.Source, folder), seed: 100 + round, FilesPerRound).Select(n => $"{folder}/{n}")];
            await worker.StartAsync();
            await using (DoraClient client = await worker.ConnectAsync())
            {
                if (round == 0)
                {
                    await client.AddMountAsync(OneWorker.MountPath, worker.Source, freshness: "immutable");
                }

                await worker.ReadCheckedAsync(client, names);
                await KillWhileLoadingAsync(worker, client, added, killAfter: random.Next(FilesPerRound / 2));
            }

            names.AddRange(added);
            await worker.StartAsync();
            await using (DoraClient client = await worker.ConnectAsync())
            {
                recovered += (await client.GetWorkerStatusAsync(client.Workers.Single().Id)).Pages;
                await worker.ReadCheckedAsync(client, names);
            }

            await worker.StopAsync();
            Damage(Directory.GetFiles(worker.Pages, "*.seg"), random);
        }

        Assert.True(recovered > 0, "no start after a kill found a page: the test would see nothing");
        await worker.StartAsync();
        await using DoraClient last = await worker.ConnectAsync();
        await worker.ReadCheckedAsync(last, names);
    }

    private static async Task KillWhileLoadingAsync(OneWorker worker, DoraClient client, string[] names, int killAfter)
    {
        int read = 0;
        using var dead = new CancellationTokenSource();
        var kill = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] readers = [.. Enumerable.Range(0, 3).Select(reader => Task.Run(async () =>
        {
            foreach (string name in names.Where((_, i) => i % 3 == reader))
            {
                try
                {
                    await worker.ReadCheckedAsync(client, [name], dead.Token);
                }
                catch (Exception e) when (e is DoraException or OperationCanceledException)
                {
                    // It was killed, and there is no other worker.
                    return;
                }

                if (Interlocked.Increment(ref read) > killAfter)
                {
                    kill.TrySetResult();
                }
            }
        }))];
        await kill.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await worker.KillAsync();
        await dead.CancelAsync();
        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60));
    }

    /// <summary>Flips bytes in one file, cuts another, lets two change their names.</summary>
    private static void Damage(string[] segments, Random random)
    {
        Assert.NotEmpty(segments);
        random.Shuffle(segments);
        byte[] bytes = File.ReadAllBytes(segments[0]);
        for (int i = 0; i < 20; i++)
        {
            bytes[random.Next(bytes.Length)] ^= (byte)random.Next(1, 256);
        }

        File.WriteAllBytes(segments[0], bytes);
        using (FileStream cut = File.OpenWrite(segments[1 % segments.Length]))
        {
            cut.SetLength(random.NextInt64(cut.Length));
        }

        string first = segments[2 % segments.Length];
        string second = segments[3 % segments.Length];
        if (first != second)
        {
            File.Move(first, first + ".swap");
            File.Move(second, first);
            File.Move(first + ".swap", second);
        }
    }
}
