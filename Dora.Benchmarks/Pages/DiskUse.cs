using System.Runtime.InteropServices;

namespace Dora.Benchmarks.Pages;

/// <summary>What files take of the disk: allocated blocks, which is less than the length of a file with holes.</summary>
internal static partial class DiskUse
{
    private const int CurrentDirectory = -100;
    private const uint Blocks = 0x400;

    /// <summary>Bytes of disk of the files below a directory; one that is deleted meanwhile counts nothing.</summary>
    internal static long Bytes(string directory)
    {
        long total = 0;
        Span<byte> status = stackalloc byte[256];
        foreach (string file in Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories))
        {
            // struct statx: stx_blocks, in units of 512 bytes, is at 48.
            total += Statx(CurrentDirectory, file, 0, Blocks, ref MemoryMarshal.GetReference(status)) == 0
                ? MemoryMarshal.Read<long>(status[48..]) * 512
                : 0;
        }

        return total;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, ref byte status);
}
