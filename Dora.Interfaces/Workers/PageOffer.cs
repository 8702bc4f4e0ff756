namespace Dora.Interfaces;

/// <summary>Cached bytes of a file that a worker which stops offers to the file's next owner.</summary>
/// <param name="File">The file, and the version the bytes are of.</param>
/// <param name="Ranges">Offset and length of each range in turn, on the grid of the extents, ascending.</param>
[GenerateSerializer, Immutable, Alias("Dora.PageOffer")]
public sealed record PageOffer([property: Id(0)] FileStat File, [property: Id(1)] long[] Ranges);
