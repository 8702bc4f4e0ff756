namespace Dora.Storage.Pages.Records;

/// <summary>What the index knows of a record besides its key: a copy, good for as long as the reader holds the record's pin.</summary>
/// <param name="Place">Where it lies.</param>
/// <param name="Offset">First byte in the page, on the 64 KiB grid.</param>
/// <param name="Length">Bytes, 1 to 1 MiB; the record stays inside its page.</param>
/// <param name="Mount">Tag of the mount that brought it; 0 for none.</param>
/// <param name="Pinned">Whether eviction passes it over.</param>
/// <param name="StoredAt">Unix time in seconds when it was put.</param>
/// <param name="Verified">Bit n: the n-th 64 KiB block has passed its checksum since the fill or the start. Never saved.</param>
internal readonly record struct IndexedRecord(
    RecordPlace Place, int Offset, int Length, ushort Mount, bool Pinned, uint StoredAt, ushort Verified)
{
    /// <summary>One past the last byte in the page.</summary>
    public int End => Offset + Length;
}
