namespace Dora.Storage.Pages.Index;

/// <summary>A segment as a checkpoint knew it.</summary>
/// <param name="Slot">The slot that the checkpoint's entries name.</param>
/// <param name="Sequence">The segment's number; unique in the store.</param>
/// <param name="Salt">The segment's random number: another file of this name is another segment.</param>
/// <param name="CoveredTo">Every record below this position is in the checkpoint, or had left by then. A scan goes on from here.</param>
internal readonly record struct ManifestSegment(ushort Slot, ulong Sequence, ulong Salt, long CoveredTo);

/// <summary>What a checkpoint is about. It is written first and read at open; the shards follow.</summary>
/// <param name="StoreId">Random number of the store that wrote it.</param>
/// <param name="Generation">Grows with every checkpoint of a store.</param>
/// <param name="Segments">The segments its entries name, as they were before the first shard was written.</param>
internal sealed record IndexManifest(ulong StoreId, ulong Generation, IReadOnlyList<ManifestSegment> Segments);
