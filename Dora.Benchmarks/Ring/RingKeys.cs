using System.Globalization;

namespace Dora.Benchmarks.Ring;

/// <summary>The inputs: file ids of realistic paths, and workers as people name them. No seed is picked: there is none.</summary>
internal static class RingKeys
{
    internal static FileId[] Files(int count)
    {
        var files = new FileId[count];
        Parallel.For(0, count, i => files[i] = FileId.FromUfsPath(Path(i)));
        return files;
    }

    internal static RingMember[] Members(int count) => [.. Enumerable.Range(0, count).Select(Member).OrderBy(static m => m.Id)];

    /// <summary>The worker that joins the ones of <see cref="Members"/> as the next, or the one after it, and so on.</summary>
    internal static RingMember Joiner(int members, int which) => Member(members + which);

    /// <summary>How a perfect hash would spread the same number of keys: an independent hash of the id picks the worker by weight.</summary>
    internal static int PerfectOwner(FileId file, int members) =>
        (int)Math.BigMul(Hash.Mix(file.Low ^ 0x9E3779B97F4A7C15), (ulong)members, out _);

    private static RingMember Member(int number) =>
        new(new WorkerId(string.Create(CultureInfo.InvariantCulture, $"worker-{number}")), WorkerDescriptor.DefaultWeight);

    private static string Path(int i) => (i % 3) switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"s3://datasets/imagenet/train/n{1440764 + (i / 3900):00000000}/n{1440764 + (i / 3900):00000000}_{i}.JPEG"),
        1 => string.Create(CultureInfo.InvariantCulture, $"s3://warehouse/events/dt=2026-{1 + (i % 12):00}-{1 + (i % 28):00}/part-{i:00000}.snappy.parquet"),
        _ => string.Create(CultureInfo.InvariantCulture, $"file:///mnt/checkpoints/run-{i / 3000}/step_{i % 3000 * 100}/rank{i % 64}.pt"),
    };
}
