namespace Dora.Storage.Metadata;

/// <summary>Metadata without its path, and without a reference: 48 bytes. The default value is an empty place.</summary>
internal readonly struct PackedMetadata
{
    private const int KindShift = 62;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ulong _version;
    private readonly ulong _kindAndLength; // kind + 1 in the upper two bits: 0 is empty
    private readonly long _lastModified;
    private readonly long _loadedAt;

    private PackedMetadata(FileMetadata metadata)
    {
        _high = metadata.Id.High;
        _low = metadata.Id.Low;
        _version = metadata.Version.Value;
        _kindAndLength = ((ulong)(metadata.Kind + 1) << KindShift) | ((ulong)metadata.Length & ((1UL << KindShift) - 1));
        _lastModified = metadata.LastModified.UtcTicks;
        _loadedAt = metadata.LoadedAt.UtcTicks;
    }

    public FileId Id => new(_high, _low);

    public bool IsEmpty => _kindAndLength == 0;

    public FileKind Kind => (FileKind)((_kindAndLength >> KindShift) - 1);

    public FileVersion Version => new(_version);

    public DateTimeOffset LoadedAt => new(_loadedAt, TimeSpan.Zero);

    /// <summary>Longer files than 4 EiB do not exist; a made-up one is cut to this.</summary>
    public static PackedMetadata From(FileMetadata metadata) => new(metadata);

    public bool Is(FileId file) => _low == file.Low && _high == file.High && !IsEmpty;

    public FileMetadata ToMetadata(string ufsPath) => FileMetadata.Restore(
        Id, ufsPath, Kind, (long)(_kindAndLength & ((1UL << KindShift) - 1)), new DateTimeOffset(_lastModified, TimeSpan.Zero), Version, LoadedAt);
}
