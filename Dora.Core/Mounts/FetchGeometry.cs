using System.Numerics;

namespace Dora;

/// <summary>
/// How a file is cut for fetching: a miss brings in the aligned part of the file around it, of the mount's fetch size. Where bytes are kept does not depend
/// on it, so it may change at any time.
/// </summary>
public readonly record struct FetchGeometry
{
    /// <summary>The fetch size of mounts that set none: 1 MiB.</summary>
    public const int DefaultSize = 1024 * 1024;

    /// <summary>The largest fetch size: 16 MiB.</summary>
    public const int MaxSize = 16 * 1024 * 1024;

    /// <summary>Creates a geometry.</summary>
    /// <param name="size">Bytes; a power of two from <see cref="PageGeometry.ExtentGrid"/> to <see cref="MaxSize"/>.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>.</exception>
    public FetchGeometry(int size)
    {
        if (!IsValid(size))
        {
            throw new DoraException(
                DoraErrorCode.InvalidArgument,
                $"fetch size {size} ({ByteSize.Text(size)}) is not a power of two from {ByteSize.Text(PageGeometry.ExtentGrid)} to {ByteSize.Text(MaxSize)}: choose one that is");
        }

        Size = size;
    }

    /// <summary>Bytes that are fetched together.</summary>
    public int Size { get; }

    /// <summary>Whether a fetch size is allowed.</summary>
    public static bool IsValid(int size) => size is >= PageGeometry.ExtentGrid and <= MaxSize && BitOperations.IsPow2(size);

    /// <summary>The number of the part that holds the byte at <paramref name="offset"/>.</summary>
    public uint IndexOf(long offset) => checked((uint)(offset / Size));

    /// <summary>The bytes of part <paramref name="index"/> that a file of <paramref name="fileLength"/> bytes has.</summary>
    public ByteRange RangeOf(uint index, long fileLength) => new ByteRange((long)index * Size, Size).Within(fileLength);
}
