namespace Dora.Storage.Metadata;

/// <summary>A record without its path, read with no allocation.</summary>
internal readonly record struct StoredMetadata(FileId Id, FileKind Kind, long Length, DateTimeOffset LastModified, FileVersion Version, DateTimeOffset LoadedAt)
{
    public bool TryPack(in MemoryKey key, long baseSeconds, out PackedMetadata packed) =>
        PackedMetadata.TryPack(key, Kind, Length, LastModified, Version, LoadedAt, baseSeconds, out packed);
}
