using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Storage.Pages;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Pages;

/// <summary>Reads of pages that the system has in memory, through the store and by a bare pread of the same bytes of the same files.</summary>
internal static class WarmReads
{
    internal static async Task MeasureAsync(BenchmarkRun run, string directory, CancellationToken cancellation)
    {
        int pages = run.Quick ? 64 : 512;
        var options = new PageStoreOptions { Directory = directory, CapacityBytes = pages * 5L / 4 * PageContent.PageSize };
        await using SegmentPageStore store = SegmentPageStore.Open(options, TimeProvider.System);
        (SafeFileHandle File, long Offset)[] places = await FillAsync(store, pages, cancellation);
        foreach (int threads in (int[])[1, 4])
        {
            foreach (int size in (int[])[4096, 65536])
            {
                cancellation.ThrowIfCancellationRequested();
                MeasureAt(run, store, places, threads, size);
            }
        }
    }

    /// <summary>Fills the store, checks every byte both ways, and finds out where the pages lie.</summary>
    private static async Task<(SafeFileHandle File, long Offset)[]> FillAsync(SegmentPageStore store, int pages, CancellationToken cancellation)
    {
        byte[] bytes = new byte[PageContent.PageSize];
        var places = new (SafeFileHandle File, long Offset)[pages];
        for (int page = 0; page < pages; page++)
        {
            PageContent.Fill(bytes, page);
            PutOutcome outcome = store.Put(PageContent.Key(page), 0, bytes);
            BenchmarkRun.Check(outcome == PutOutcome.Stored, $"page {page} was not stored: {outcome}");
        }

        for (int page = 0; page < pages; page++)
        {
            int read = store.Read(PageContent.Key(page), 0, bytes);
            BenchmarkRun.Check(read == bytes.Length, $"{read} bytes of page {page}");
            PageContent.Check("store", page, 0, bytes);
            BenchmarkRun.Check(store.TryLease(PageContent.Key(page), 0, PageContent.PageSize, LocateMode.Wait, out PageLease lease), $"page {page} cannot be leased");

            // Nothing is evicted while this runs, so the place stays good without the lease.
            places[page] = (lease.File, lease.FileOffset);
            lease.Dispose();
            BenchmarkRun.Check(RandomAccess.Read(places[page].File, bytes, places[page].Offset) == bytes.Length, $"page {page} is not at its place");
            PageContent.Check("pread", page, 0, bytes);
        }

        return places;
    }

    private static void MeasureAt(BenchmarkRun run, SegmentPageStore store, (SafeFileHandle File, long Offset)[] places, int threads, int size)
    {
        byte[][] memory = [.. Enumerable.Range(0, threads).Select(_ => new byte[size])];
        PageKey[] keys = [.. Enumerable.Range(0, places.Length).Select(static p => PageContent.Key(p))];
        uint slots = (uint)(PageContent.PageSize / size);
        var ours = new Contender("Dora", size, (thread, i) =>
        {
            uint random = Random(thread, i);
            int read = store.Read(keys[random % keys.Length], (int)((random >> 16) % slots) * size, memory[thread]);
            if (read != size)
            {
                BenchmarkRun.Check(false, "a warm read was not answered whole at once");
            }
        });
        var bare = new Contender("pread", size, (thread, i) =>
        {
            uint random = Random(thread, i);
            (SafeFileHandle file, long offset) = places[random % places.Length];
            if (RandomAccess.Read(file, memory[thread], offset + ((random >> 16) % slots * size)) != size)
            {
                BenchmarkRun.Check(false, "a pread came back short");
            }
        });

        int operations = (size == 4096 ? 80_000 : 12_000) / threads / (run.Quick ? 4 : 1);
        for (int round = run.Quick ? -1 : -2; round < (run.Quick ? 5 : 21); round++)
        {
            foreach (Contender contender in round % 2 == 0 ? (Contender[])[ours, bare] : [bare, ours])
            {
                contender.Run(threads, operations, counts: round >= 0);
            }
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"warm reads of {size / 1024} KiB, {threads} thread{(threads == 1 ? "" : "s")}");
        PairRows.Add(run, name, ours, bare, "reads/s", ">= 0.8");
        run.Add(new(name, "allocated", "bytes/read", ours.AllocatedPerOperation, Target: "<= 0"));
        run.Progress(name);
    }

    /// <summary>The same places for both contenders.</summary>
    private static uint Random(int thread, int i)
    {
        uint x = ((uint)i * 2_654_435_761) ^ ((uint)(thread + 1) * 0x85EB_CA6B);
        x = (x ^ (x >> 15)) * 0x2C1B_3C6D;
        return x ^ (x >> 13);
    }
}
