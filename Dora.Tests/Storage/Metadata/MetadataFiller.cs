using System.Globalization;
using Dora.Storage.Metadata;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Storage.Metadata;

/// <summary>As a process of its own, so that its memory is its own: fills a metadata store as listings do, reads from all over it, and says by how much its resident memory rose above that before.</summary>
internal static class MetadataFiller
{
    public const string Name = "metadata-filler";

    private const int Page = 10_000;
    private const int PerDirectory = 1000;

    /// <param name="args">Directory, memory budget in bytes, files.</param>
    public static Task<int> RunAsync(string[] args)
    {
        var options = new MetadataStoreOptions
        {
            Directory = args[0],
            MemoryBudgetBytes = long.Parse(args[1], CultureInfo.InvariantCulture),
            SweepInterval = TimeSpan.FromSeconds(1), // the store looks after its budget this often
        };
        int files = int.Parse(args[2], CultureInfo.InvariantCulture);
        Touch(options with { Directory = args[0] + "-small" });
        long before = ProcessMemory.Now();
        using (TwoLevelMetadataStore store = TwoLevelMetadataStore.Open(options, TimeProvider.System, NullLogger.Instance))
        {
            for (int from = 0; from < files; from += Page)
            {
                store.PutUnlessNewer([.. Entries(from, Math.Min(files, from + Page))], null);
            }

            Say("filled", ProcessMemory.Peak() - before);
            Say("wrong", Read(store, files));
            Say("read", ProcessMemory.Peak() - before);
            Say("entries", store.Statistics.Entries);
            Say("in memory", store.Statistics.MemoryEntries);
        }

        return Task.FromResult(0);
    }

    /// <summary>Fills and reads a little store first: what the runtime and the code take is not the store's.</summary>
    private static void Touch(MetadataStoreOptions options)
    {
        using TwoLevelMetadataStore store = TwoLevelMetadataStore.Open(options with { MemoryBudgetBytes = MetadataStoreOptions.MinMemoryBudget }, TimeProvider.System, NullLogger.Instance);
        store.PutUnlessNewer([.. Entries(0, Page)], null);
        Read(store, Page);
    }

    private static int Read(TwoLevelMetadataStore store, int files)
    {
        var random = new Random(3);
        int wrong = 0;
        for (int i = 0; i < Math.Min(files, 300_000); i++)
        {
            int number = random.Next(files);
            string path = PathOf(number);
            wrong += store.Get(FileId.FromUfsPath(path), path)?.Length == number ? 0 : 1;
        }

        return wrong;
    }

    private static IEnumerable<FileMetadata> Entries(int from, int to)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        for (int number = from; number < to; number++)
        {
            yield return new FileMetadata(PathOf(number), FileKind.File, number, now, new FileVersion((ulong)number + 1), now);
        }
    }

    // 60 characters.
    private static string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"s3://bucket/data/train/{number / PerDirectory:d10}/images/{number:d15}.jpg");

    private static void Say(string name, long value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}={value}"));
}
