namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of <see cref="PageChannelOpcode.Known"/>, little-endian but for the file id, which travels in hash order. Answered from what the worker knows: it asks neither its store nor
/// anybody else.
/// <code>
///  0  16   file id: the first that may be told; 0 at first, and when one path is asked for
/// 16  u16  n: bytes of name, 1..4096; of a worker id 1..64
/// 18  6×0
/// 24  n    a UFS path in UTF-8; with the flag owned the id of the worker that asks; with the flag held file ids in hash order, 1..256 of them
/// </code>
/// </summary>
internal readonly ref struct KnownRequest
{
    /// <summary>Bytes before the name.</summary>
    public const int FixedSize = 24;

    /// <summary>What is asked for; travels in the header.</summary>
    public KnownFlags Flags { get; init; }

    /// <summary>With <see cref="KnownFlags.Owned"/>: the first file id that may be told.</summary>
    public FileId From { get; init; }

    /// <summary>The UFS path, or with <see cref="KnownFlags.Owned"/> the id of the worker that asks, or with <see cref="KnownFlags.Held"/> file ids without gaps.</summary>
    public required ReadOnlySpan<byte> Name { get; init; }

    internal static bool FlagsAreValid(KnownFlags flags) => flags.HasFlag(KnownFlags.Held) ? flags == KnownFlags.Held : flags.HasFlag(KnownFlags.Owned) || !flags.HasFlag(KnownFlags.Leaving);
}
