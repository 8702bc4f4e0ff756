using System.Globalization;
using System.Text.RegularExpressions;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>A real worker is killed while it fills its page store and started again, and page files are damaged while all are down: right bytes afterwards. More rounds in the full mode.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed partial class PageStoreCrashTests
{
    private static readonly int Rounds = FullCounts.Of(2, 10);
    private const int FilesPerRound = 30;

    // Less than all the files, so that segments are evicted too.
    private const long Capacity = 8L * 1024 * 1024;

    [Fact]
    public async Task Worker_KilledWhileLoadingThenDamaged_RightBytesAfterwards()
    {
        await using var cluster = new SmallCluster(workers: 3, Capacity);
        Directory.CreateDirectory(cluster.Source);
        List<string> names = [];
        for (int round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            string folder = string.Create(CultureInfo.InvariantCulture, $"round{round}");
            string[] added = [.. SourceFiles.Write(Path.Combine(cluster.Source, folder), seed: 100 + round, FilesPerRound).Select(n => $"{folder}/{n}")];
            await cluster.StartAsync();
            await using (DoraClient client = await cluster.ConnectAsync())
            {
                if (round == 0)
                {
                    await client.Mounts.AddAsync(SmallCluster.MountPath, cluster.Source, freshness: "immutable");
                }

                await cluster.ReadCheckedAsync(client, names);
                await KillWhileLoadingAsync(cluster, client, added, killAfter: random.Next(FilesPerRound / 2));
            }

            names.AddRange(added);
            await cluster.RestartAsync();
            await using (DoraClient client = await cluster.ConnectAsync())
            {
                await cluster.ReadCheckedAsync(client, names);
            }

            await cluster.StopAsync();
            Damage(cluster.Segments, random);
        }

        // What a start finds, it says: were it nothing each time, the test would see nothing.
        Assert.Contains(await File.ReadAllLinesAsync(Path.Combine(cluster.Data, "worker.log")), static l => FoundPages().IsMatch(l));
        await cluster.StartAsync();
        await using DoraClient last = await cluster.ConnectAsync();
        await cluster.ReadCheckedAsync(last, names);
    }

    [GeneratedRegex("Page store .*: [1-9][0-9]* pages in")]
    private static partial Regex FoundPages();

    private static async Task KillWhileLoadingAsync(SmallCluster cluster, DoraClient client, string[] names, int killAfter)
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
                    await cluster.ReadCheckedAsync(client, [name], dead.Token);
                }
                catch (Exception e) when (e is DoraException or OperationCanceledException)
                {
                    // Told to end, or too few workers were left for a moment: what counts is read afterwards.
                    return;
                }

                if (Interlocked.Increment(ref read) > killAfter)
                {
                    kill.TrySetResult();
                }
            }
        }))];
        await kill.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await cluster.KillAsync();
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
