using System.Globalization;
using Dora.Storage.Pages;
using Microsoft.Extensions.Logging.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>
/// A process that fills, reads and removes pages until it is killed: by its parent, or by itself in the middle of the n-th call to the disk. What the store
/// has acknowledged it says on stdout, a line each, in the order of each of its threads.
/// </summary>
internal static class PageWriter
{
    public const string Name = "page-writer";
    public const int Files = 9;
    public const int Threads = 3;
    public const uint Pages = 12;
    public const int WrongBytesCode = 3;

    private const int Steps = 100_000;

    /// <param name="args">Directory, capacity in bytes, seed, and the call to the disk that kills (0: none).</param>
    public static async Task<int> RunAsync(string[] args)
    {
        (string directory, long capacity, int seed) = (args[0], Number(args[1]), (int)Number(args[2]));
        var device = new SuicidalDevice(Number(args[3]), seed);
        await using Stream output = Console.OpenStandardOutput();
        var log = new AckLog(output);
        SegmentPageStore store = SegmentPageStore.Open(
            new PageStoreOptions { Directory = directory, CapacityBytes = capacity, SegmentBytes = 1024 * 1024, CheckpointInterval = TimeSpan.FromMilliseconds(20) },
            TimeProvider.System,
            NullLogger.Instance,
            device);
        log.Say("open");
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() => WorkAsync(store, log, new Random((seed * 31) + t), t, ((ulong)seed * 1000) + 1))));
            return 0;
        }
        catch (Exception e)
        {
            log.Say("wrong " + e.Message.ReplaceLineEndings(" "));
            return WrongBytesCode;
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>Each thread has files of its own, so that its lines tell what must be there.</summary>
    private static async Task WorkAsync(SegmentPageStore store, AckLog log, Random random, int thread, ulong firstVersion)
    {
        // Versions that no process before has used.
        var versions = new ulong[Files];
        for (int file = thread; file < Files; file += Threads)
        {
            versions[file] = firstVersion;
            Announce(log, file, versions[file]);
        }

        for (int step = 0; step < Steps; step++)
        {
            int file = thread + (Threads * random.Next(Files / Threads));
            PageKey key = Key(file, versions[file], (uint)random.Next((int)Pages));
            int block = random.Next(2);
            switch (random.Next(40))
            {
                case < 20:
                    int blocks = block == 0 ? random.Next(1, 3) : 1;
                    PutOutcome outcome = store.Put(key, block * Grid, blocks * Grid);
                    log.Say(string.Create(CultureInfo.InvariantCulture, $"{(outcome is PutOutcome.Stored or PutOutcome.AlreadyStored ? "put" : "not")} {file} {key.Version.Value} {key.Index} {block} {blocks}"));
                    break;
                case < 35:
                    store.ReadChecked(key, random.Next(2 * Grid), random.Next(1, Grid));
                    store.LeaseChecked(key, block * Grid, random.Next(1, Grid));
                    break;
                case < 38:
                    break;
                case 38:
                    log.Say(string.Create(CultureInfo.InvariantCulture, $"remove {file}"));
                    store.Remove(key.File, FileVersion.None);
                    break;
                default:
                    Announce(log, file, ++versions[file]);
                    break;
            }
        }
    }

    /// <summary>From here on nothing is promised of the file's version before: a put that nobody hears of may drop it.</summary>
    private static void Announce(AckLog log, int file, ulong version) =>
        log.Say(string.Create(CultureInfo.InvariantCulture, $"version {file} {version}"));

    /// <summary>Lines that are out of this process when <see cref="Say"/> returns.</summary>
    private sealed class AckLog(Stream output)
    {
        private readonly Lock _gate = new();

        public void Say(string line)
        {
            byte[] bytes = System.Text.Encoding.UTF8.GetBytes(line + "\n");
            lock (_gate)
            {
                output.Write(bytes);
            }
        }
    }
}
