namespace Dora.Interfaces;

/// <summary>Cached bytes of a file that a worker which stops offers to the file's next owner.</summary>
/// <param name="File">The file, and the version the bytes are of.</param>
/// <param name="Ranges">Offset and length of each range in turn, on the grid of the extents, ascending.</param>
[GenerateSerializer, Immutable, Alias("Dora.PageOffer")]
public sealed record PageOffer([property: Id(0)] FileStat File, [property: Id(1)] long[] Ranges)
{
    /// <summary>What a worker answers that takes nothing over because it stops too: -1.</summary>
    public const long Refused = -1;

    /// <summary>The bytes of all ranges.</summary>
    public long Bytes => Ranges.Where(static (_, i) => i % 2 == 1).Sum();
}
