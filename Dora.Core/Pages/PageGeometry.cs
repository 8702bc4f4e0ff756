using System.Numerics;

namespace Dora;

/// <summary>How a file is cut into pages, and pages into extents on a fixed grid.</summary>
public readonly record struct PageGeometry
{
    /// <summary>The grid of partial fills inside a page: a cold read of 4 KiB costs one grid step, not a page.</summary>
    public const int ExtentGrid = 64 * 1024;

    /// <summary>The page size of mounts that set none: 1 MiB.</summary>
    public const int DefaultPageSize = 1024 * 1024;

    /// <summary>The largest page size: 16 MiB.</summary>
    public const int MaxPageSize = 16 * 1024 * 1024;

    /// <summary>Creates a geometry.</summary>
    /// <param name="pageSize">Bytes; a power of two from <see cref="ExtentGrid"/> to <see cref="MaxPageSize"/>.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>.</exception>
    public PageGeometry(int pageSize)
    {
        if (!IsValid(pageSize))
        {
            throw new DoraException(
                DoraErrorCode.InvalidArgument,
                $"page size {pageSize} is not a power of two from {ExtentGrid} to {MaxPageSize} bytes: choose one that is");
        }

        PageSize = pageSize;
    }

    /// <summary>Bytes in a page.</summary>
    public int PageSize { get; }

    /// <summary>Whether a page size is allowed.</summary>
    public static bool IsValid(int pageSize) => pageSize is >= ExtentGrid and <= MaxPageSize && BitOperations.IsPow2(pageSize);

    /// <summary>The index of the page that holds the byte at <paramref name="offset"/>.</summary>
    public uint PageIndex(long offset) => checked((uint)(offset / PageSize));

    /// <summary>The bytes of page <paramref name="index"/> that a file of <paramref name="fileLength"/> bytes has.</summary>
    public ByteRange PageRange(uint index, long fileLength) => new ByteRange((long)index * PageSize, PageSize).Within(fileLength);
}
