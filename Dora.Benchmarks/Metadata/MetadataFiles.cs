using System.Globalization;

namespace Dora.Benchmarks.Metadata;

/// <summary>The files of the benchmark: file number i always has the same path of 60 characters and the same content tag, so that every answer can be checked.</summary>
internal static class MetadataFiles
{
    internal const int PerDirectory = 1000;
    private const string Root = "s3://training-data/imagenet/train/";

    /// <summary>Loaded lately, so that nothing ends during a run.</summary>
    private static readonly DateTimeOffset LoadedAt = new(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);

    internal static string Directory(long number) => string.Create(CultureInfo.InvariantCulture, $"{Root}n{number / PerDirectory:d8}");

    internal static string Path(long number) => string.Create(CultureInfo.InvariantCulture, $"{Root}n{number / PerDirectory:d8}/{number:d11}.jpeg");

    internal static FileMetadata File(long number)
    {
        ulong hash = Mix((ulong)number);
        return new FileMetadata(
            Path(number),
            FileKind.File,
            20_000 + (long)(hash % 200_000),
            DateTimeOffset.UnixEpoch.AddMilliseconds(1_600_000_000_000 + (long)(hash % 100_000_000_000)),
            new FileVersion(hash),
            LoadedAt.AddTicks((long)(hash % TimeSpan.TicksPerMinute) - TimeSpan.TicksPerMinute));
    }

    /// <summary>Whether the metadata is that of the file, whichever process stored it and when.</summary>
    internal static bool IsRight(long number, FileMetadata? found) =>
        found is not null && found.Version.Value == Mix((ulong)number) && found.UfsPath == Path(number) && found.Id == FileId.FromUfsPath(found.UfsPath)
        && found with { LoadedAt = LoadedAt } == File(number) with { LoadedAt = LoadedAt };

    /// <summary>SplitMix64 (Steele et al., 2014): spreads consecutive numbers over all 64 bits.</summary>
    internal static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
