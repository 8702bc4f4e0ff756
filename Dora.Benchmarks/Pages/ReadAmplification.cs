using Dora.Benchmarks.Harness;
using Dora.Storage.Files;
using Dora.Storage.Pages;

namespace Dora.Benchmarks.Pages;

/// <summary>How many bytes cold random reads take from the under store for each byte that was asked for.</summary>
internal static class ReadAmplification
{
    private const int FileBytes = 64 * 1024 * 1024;
    private const int Reads = 20;
    private const int LargestRead = 200_000;
    private const int Seed = 2023;

    internal static async Task MeasureAsync(BenchmarkRun run, ScratchDirectory scratch, CancellationToken cancellation)
    {
        byte[] content = new byte[FileBytes];
        PageContent.Fill(content, 7);
        var random = new Random(Seed);
        ByteRange[] reads = [.. Enumerable.Range(0, Reads).Select(_ => Next(random))];
        double wanted = reads.Sum(static r => (double)r.Length);

        double extents = await BytesFromStoreAsync(scratch, content, (reader, file) => ReadAsync(reader, file, reads, content, FileReadMode.Cached, cancellation));
        double pages = await BytesFromStoreAsync(scratch, content, (reader, file) => ReadAsync(reader, file, reads, content, FileReadMode.Sequential, cancellation));
        double whole = await BytesFromStoreAsync(scratch, content, async (reader, file) =>
            BenchmarkRun.Check((await reader.LoadAsync(file, new ByteRange(0, FileBytes), cancellation)).Code == DoraErrorCode.None, "the load failed"));

        string name = $"{Reads} cold random reads, 1 B to {LargestRead / 1000} KB, of a 64 MiB file";
        run.Add(new(name, "read amplification", "×", extents / wanted, Target: "<= 2"));
        run.Add(new(name, "with whole 1 MiB pages", "×", pages / wanted));
        run.Add(new(name, "with whole files", "×", whole / wanted));
        run.Note($"read amplification: lengths and offsets uniform, seed {Seed}, {wanted / Reads / 1000:0} KB on average; bytes that the under store handed out / bytes asked for. "
            + "'Whole pages' are the same reads by a reader that goes forward, 'whole files' is a load of the file, both through the same code.");
        run.Progress(name);
    }

    private static ByteRange Next(Random random)
    {
        int length = random.Next(1, LargestRead + 1);
        return new ByteRange(random.Next(FileBytes - length), length);
    }

    private static async Task<double> BytesFromStoreAsync(ScratchDirectory scratch, byte[] content, Func<FileReader, FileMetadata, Task> work)
    {
        string directory = scratch.Below("amplification");
        var store = new CountingUfs(content);
        await using (SegmentPageStore pages = SegmentPageStore.Open(new PageStoreOptions { Directory = directory, CapacityBytes = 2L * FileBytes }, TimeProvider.System))
        await using (var reader = new FileReader(pages, store, store, new FileReaderOptions()))
        {
            await work(reader, store.File);
        }

        Directory.Delete(directory, recursive: true);
        return store.BytesRead;
    }

    private static async Task ReadAsync(
        FileReader reader, FileMetadata file, ByteRange[] reads, byte[] content, FileReadMode mode, CancellationToken cancellation)
    {
        byte[] bytes = new byte[LargestRead];
        foreach (ByteRange read in reads)
        {
            FileReadResult result = await reader.ReadAsync(file, read, bytes, mode, cancellation);
            BenchmarkRun.Check(
                result.Bytes == read.Length && bytes.AsSpan(0, result.Bytes).SequenceEqual(content.AsSpan((int)read.Offset, (int)read.Length)),
                $"wrong bytes at {read.Offset}");
        }
    }
}
