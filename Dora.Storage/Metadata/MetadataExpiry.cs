namespace Dora.Storage.Metadata;

/// <summary>The one rule of age, by the wall clock because it must survive restarts; both levels and compaction use it.</summary>
internal sealed class MetadataExpiry(MetadataStoreOptions options, TimeProvider time)
{
    public DateTimeOffset Now => time.GetUtcNow();

    public bool IsLive(FileMetadata metadata) => IsLive(metadata.Kind, metadata.LoadedAt);

    /// <summary>
    /// A clock that jumps forward ends entries early, which costs a question to the store. One that is set back leaves stamps in the future, whose age nobody
    /// knows: beyond the skew they have ended too, or they would live on by as much as the clock moved.
    /// </summary>
    public bool IsLive(FileKind kind, DateTimeOffset loadedAt, TimeSpan extraSkew = default)
    {
        TimeSpan age = time.GetUtcNow() - loadedAt;
        return age >= -(options.ClockSkew + extraSkew) && age < (kind == FileKind.Missing ? options.NegativeTimeToLive : options.TimeToLive);
    }
}
