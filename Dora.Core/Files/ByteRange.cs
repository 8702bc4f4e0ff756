namespace Dora;

/// <summary>Bytes [<see cref="Offset"/>, <see cref="End"/>) of a file: closed at the start, open at the end. Empty when the length is 0.</summary>
public readonly record struct ByteRange
{
    /// <summary>Creates a range.</summary>
    /// <param name="offset">First byte, 0 or more.</param>
    /// <param name="length">Number of bytes, 0 or more; the end must fit in 63 bits.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or the end overflows.</exception>
    public ByteRange(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
        Offset = offset;
        Length = length;
    }

    /// <summary>First byte.</summary>
    public long Offset { get; }

    /// <summary>Number of bytes.</summary>
    public long Length { get; }

    /// <summary>One past the last byte.</summary>
    public long End => Offset + Length;

    /// <summary>Whether there is no byte in it.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The bytes both ranges have; empty (at this range's clamped offset) when they share none.</summary>
    public ByteRange Intersect(ByteRange other)
    {
        long start = Math.Max(Offset, other.Offset);
        long end = Math.Min(End, other.End);
        return end > start ? new ByteRange(start, end - start) : new ByteRange(start, 0);
    }

    /// <summary>The part that lies inside a file of the given length.</summary>
    public ByteRange Within(long fileLength) => Intersect(new ByteRange(0, fileLength));

    /// <summary>The smallest range on a grid that covers this one.</summary>
    /// <param name="grid">Grid step in bytes; a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="grid"/> is not a positive power of two.</exception>
    /// <exception cref="OverflowException">The end of the covering range does not fit in 63 bits.</exception>
    public ByteRange AlignTo(long grid)
    {
        if (grid <= 0 || (grid & (grid - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(nameof(grid), grid, "the grid must be a positive power of two");
        }

        long start = Offset & ~(grid - 1);
        long end = IsEmpty ? start : checked(End + grid - 1) & ~(grid - 1);
        return new ByteRange(start, end - start);
    }

    /// <summary>For example <c>[0,65536)</c>.</summary>
    public override string ToString() => $"[{Offset},{End})";
}
