using System.Globalization;
using Dora.Storage.Metadata;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging;

namespace Dora.Tests.Storage.Metadata;

/// <summary>As a process of its own, so that what native code makes of a full disk cannot end the test run: a metadata store whose disk becomes full, and has room again. Says what it saw.</summary>
internal sealed class MetadataOnFullDisk : ILogger
{
    public const string Name = "metadata-on-full-disk";

    private const int Before = 1000;
    private const int During = 20_000;

    /// <param name="args">Directory of the store; a file to fill the disk with.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        var time = new ManualTimeProvider(TimeProvider.System.GetUtcNow());
        var options = new MetadataStoreOptions { Directory = args[0], MemoryBudgetBytes = 4 << 20 };
        using (TwoLevelMetadataStore store = TwoLevelMetadataStore.Open(options, time, new MetadataOnFullDisk()))
        {
            Put(store, time, 0, Before);
            Fill(args[1]);
            Put(store, time, Before, During);
            Say("refused", store.Statistics.WriteFailures);
            Say("right while full", Right(store, time));
            File.Delete(args[1]);

            // RocksDB looks for room by itself every few seconds, by the real clock; the store's own repair runs by the manual one.
            DateTimeOffset end = TimeProvider.System.GetUtcNow().AddSeconds(60);
            for (long last = -1; last != store.Statistics.WriteFailures && TimeProvider.System.GetUtcNow() < end;)
            {
                last = store.Statistics.WriteFailures;
                await Task.Delay(TimeSpan.FromSeconds(1));
                time.Advance(options.SweepInterval);
            }

            Say("right with room", Right(store, time));
        }

        using TwoLevelMetadataStore again = TwoLevelMetadataStore.Open(options, time, new MetadataOnFullDisk());
        Say("on disk", again.EnumerateUnder("file:///d").LongCount());
        return 0;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Console.WriteLine($"log={eventId.Id}");

    private static void Put(TwoLevelMetadataStore store, TimeProvider time, int from, int to) =>
        store.PutUnlessNewer([.. Enumerable.Range(from, to - from).Select(i => FileOf(i, time))], null);

    private static long Right(TwoLevelMetadataStore store, TimeProvider time) =>
        Enumerable.Range(0, During).LongCount(i => FileOf(i, time) is var file && store.Get(file.Id, file.UfsPath)?.Length == i);

    private static FileMetadata FileOf(int number, TimeProvider time) =>
        new($"file:///d/{number:d40}", FileKind.File, number, DateTimeOffset.UnixEpoch, new FileVersion((ulong)number + 1), time.GetUtcNow());

    private static void Fill(string path)
    {
        using FileStream ballast = new(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (ballast.Length < 1L << 30)
            {
                ballast.Write(block);
            }
        }
        catch (IOException)
        {
            // Full, which is what was wanted.
        }
    }

    private static void Say(string name, long value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}={value}"));
}
