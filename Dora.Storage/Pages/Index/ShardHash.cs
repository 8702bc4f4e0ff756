namespace Dora.Storage.Pages.Index;

/// <summary>The hash of a file id. Ids are hashes already, but one multiplication costs nothing and ids made by hand spread as well.</summary>
internal static class ShardHash
{
    /// <summary>Shards of an index; a power of two. Frozen on disk: an image of another number of shards is ignored.</summary>
    public const int Shards = 128;

    public static ulong Of(FileId id) => (id.High ^ id.Low) * 0x9E3779B97F4A7C15;

    /// <summary>The shard of a file: the top bits, which no bucket uses.</summary>
    public static int ShardOf(FileId id) => (int)(Of(id) >> 57);
}
