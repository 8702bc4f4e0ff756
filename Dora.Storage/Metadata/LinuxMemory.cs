using Dora.Core.Linux;

namespace Dora.Storage.Metadata;

/// <summary>What is asked of Linux about memory, and nothing elsewhere.</summary>
internal static unsafe class LinuxMemory
{
    private const int DontNeed = 4;
    private const int HugePage = 14;

    /// <summary>Wants large pages for an area that will be used as a whole: a lookup in gigabytes of small ones walks the page tables each time.</summary>
    public static void PreferHugePages(void* start, nint length)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Libc.madvise(start, (nuint)length, HugePage);
        }
    }

    /// <summary>Gives the whole pages of an area back; they read as zero afterwards. Where that is not possible the area stays in memory, unused.</summary>
    public static void GiveBack(void* start, nint length)
    {
        nint page = Environment.SystemPageSize;
        nint first = ((nint)start + page - 1) / page * page;
        nint end = ((nint)start + length) / page * page;
        if (OperatingSystem.IsLinux() && end > first)
        {
            _ = Libc.madvise((void*)first, (nuint)(end - first), DontNeed);
        }
    }
}
