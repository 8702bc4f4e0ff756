using Dora.Core.Linux;

namespace Dora.Benchmarks.Pages;

/// <summary>What files take of the disk: allocated blocks, which is less than the length of a file with holes.</summary>
internal static unsafe class DiskUse
{
    /// <summary>Bytes of disk of the files below a directory; one that is deleted meanwhile counts nothing.</summary>
    internal static long Bytes(string directory)
    {
        long total = 0;
        byte* status = stackalloc byte[Libc.StatxSize];
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            total += Libc.statx(Libc.CurrentDirectory, file, 0, Libc.StatxBlocks, status) == 0
                ? *(long*)(status + Libc.StatxBlocksOffset) * Libc.StatBlock
                : 0;
        }

        return total;
    }
}
