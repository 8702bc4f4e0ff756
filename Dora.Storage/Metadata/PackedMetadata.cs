namespace Dora.Storage.Metadata;

/// <summary>
/// Metadata without its path, and without a reference: 32 bytes. The file's id is kept as <see cref="MemoryKey"/>, in part; the rest of it is where the entry lies. The last
/// word of the two packed ones:
/// <code>
/// times  55 bits last modified, ticks since 1970 (until 2084) · 2 kind + 1 · 6 more bits of the id · 1 use
/// size   36 bits length (to 64 GiB) · 28 loaded at, whole seconds since a base, rounded down
/// </code>
/// What does not fit is not kept in memory: such a file is read from disk. What is no file has no content tag, so its loading time lies there, exact: negative entries are
/// nowhere else.
/// </summary>
internal readonly struct PackedMetadata
{
    private const int ModifiedShift = 9;
    private const int KindShift = 7;
    private const int IdShift = 1;
    private const ulong IdMask = 63;
    private const ulong UseMask = 1;
    private const int LengthShift = 28;
    private const long MaxLength = (1L << (64 - LengthShift)) - 1;
    private const long MaxModified = (1L << (64 - ModifiedShift)) - 1;
    private const long MaxSeconds = (1L << LengthShift) - 1;

    private readonly ulong _id;
    private readonly ulong _version;
    private readonly ulong _times;
    private readonly ulong _size;

    private PackedMetadata(ulong id, ulong version, ulong times, ulong size) => (_id, _version, _times, _size) = (id, version, times, size);

    public FileKind Kind => (FileKind)(((_times >> KindShift) & 3) - 1);

    /// <summary>Raised and lowered by the set that the entry lies in.</summary>
    public bool Use => (_times & UseMask) != 0;

    /// <summary>A base for a process that starts now: four years back, so that it may run for four.</summary>
    public static long BaseSeconds(DateTimeOffset now) => (now.UtcTicks / TimeSpan.TicksPerSecond) - (MaxSeconds / 2);

    /// <summary>Packs.</summary>
    /// <param name="key">Of the file.</param>
    /// <param name="kind">What is there.</param>
    /// <param name="length">In bytes.</param>
    /// <param name="lastModified">Of the content.</param>
    /// <param name="version">Of the content.</param>
    /// <param name="loadedAt">When the store was asked.</param>
    /// <param name="baseSeconds">The base of loading times, in seconds since year 1; the same for all entries of a cache.</param>
    /// <param name="packed">The entry.</param>
    /// <returns>Whether everything fits.</returns>
    public static bool TryPack(
        in MemoryKey key, FileKind kind, long length, DateTimeOffset lastModified, FileVersion version, DateTimeOffset loadedAt, long baseSeconds, out PackedMetadata packed)
    {
        long modified = lastModified.UtcTicks - DateTimeOffset.UnixEpoch.Ticks;
        long seconds = (loadedAt.UtcTicks / TimeSpan.TicksPerSecond) - baseSeconds;
        packed = default;
        if (modified is < 0 or > MaxModified || length is < 0 or > MaxLength || seconds is < 0 or > MaxSeconds || (kind != FileKind.File && version != FileVersion.None))
        {
            return false;
        }

        packed = new PackedMetadata(
            key.Stored,
            kind == FileKind.File ? version.Value : (ulong)loadedAt.UtcTicks,
            ((ulong)modified << ModifiedShift) | ((ulong)(kind + 1) << KindShift) | (key.More << IdShift),
            ((ulong)length << LengthShift) | (ulong)seconds);
        return true;
    }

    /// <summary>Whether a file's metadata, if it was unpacked and so lost the fraction of its second, may be newer than an answer although it looks older.</summary>
    public static bool MayBeNewer(FileMetadata unpacked, DateTimeOffset answer)
    {
        TimeSpan age = answer - unpacked.LoadedAt;
        return unpacked.Kind == FileKind.File && unpacked.LoadedAt.UtcTicks % TimeSpan.TicksPerSecond == 0 && age > TimeSpan.Zero && age < TimeSpan.FromSeconds(1);
    }

    public static bool TryPack(FileMetadata metadata, in MemoryKey key, long baseSeconds, out PackedMetadata packed) =>
        TryPack(key, metadata.Kind, metadata.Length, metadata.LastModified, metadata.Version, metadata.LoadedAt, baseSeconds, out packed);

    public bool Is(in MemoryKey key) => _id == key.Stored && ((_times >> IdShift) & IdMask) == key.More;

    public PackedMetadata WithUse(bool use) => new(_id, _version, (_times & ~UseMask) | (use ? UseMask : 0), _size);

    /// <summary>What tells the sets where it may lie: see <see cref="MemoryKey"/>.</summary>
    public ulong Stored => _id;

    public DateTimeOffset LoadedAt(long baseSeconds) => new(
        Kind == FileKind.File ? ((long)(_size & MaxSeconds) + baseSeconds) * TimeSpan.TicksPerSecond : (long)_version, TimeSpan.Zero);

    public FileMetadata ToMetadata(FileId file, string ufsPath, long baseSeconds) => FileMetadata.Restore(
        file, ufsPath, Kind, (long)(_size >> LengthShift), new DateTimeOffset(DateTimeOffset.UnixEpoch.Ticks + (long)(_times >> ModifiedShift), TimeSpan.Zero),
        Kind == FileKind.File ? new FileVersion(_version) : FileVersion.None, LoadedAt(baseSeconds));
}
