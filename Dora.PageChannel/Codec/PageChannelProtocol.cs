namespace Dora.PageChannel.Codec;

/// <summary>
/// The frozen numbers of the page channel: versions and the cap on every length. The specification is <c>docs/page-channel-format.md</c>; a change
/// here is a change of the wire format and needs a new <see cref="MaxVersion"/>.
/// </summary>
internal static class PageChannelProtocol
{
    /// <summary>The bytes <c>DORA</c>, first in every hello, so that a stranger's connection is refused at once.</summary>
    public const uint Magic = 0x4152_4F44;

    /// <summary>The oldest protocol version this build speaks.</summary>
    public const ushort MinVersion = 1;

    /// <summary>The newest protocol version this build speaks.</summary>
    public const ushort MaxVersion = 5;

    /// <summary>The first version with <see cref="PageChannelOpcode.ReadFile"/>.</summary>
    public const ushort ReadFileVersion = 2;

    /// <summary>The first version with <see cref="PageChannelOpcode.Locate"/> and <see cref="PageChannelOpcode.SameHost"/>.</summary>
    public const ushort SameHostVersion = 3;

    /// <summary>The first version with <see cref="PageChannelOpcode.Known"/>.</summary>
    public const ushort KnownVersion = 4;

    /// <summary>The first version with <see cref="TraceField"/>.</summary>
    public const ushort TraceVersion = 5;

    /// <summary>The first version with <see cref="PageChannelOpcode.List"/> and <see cref="PageChannelOpcode.View"/>.</summary>
    public const ushort ListVersion = 5;

    /// <summary>The first version with <see cref="KnownFlags.Held"/>.</summary>
    public const ushort HeldVersion = 5;

    /// <summary>The longest Dora path in UTF-8 bytes; the same as <see cref="DoraPath.MaxBytes"/>.</summary>
    public const int MaxPathBytes = 4096;

    /// <summary>The longest cluster id in UTF-8 bytes.</summary>
    public const int MaxClusterIdBytes = 128;

    /// <summary>The longest worker id in bytes; the same as <see cref="WorkerId.MaxLength"/>.</summary>
    public const int MaxWorkerIdBytes = 64;

    /// <summary>The longest authentication token in bytes.</summary>
    public const int MaxTokenBytes = 1024;

    /// <summary>The longest message of an error reply or goodbye in UTF-8 bytes; writers cut longer ones.</summary>
    public const int MaxMessageBytes = 1024;

    /// <summary>The most bytes one read may ask for and one reply may carry: 16 MiB. A worker may grant less in its hello reply.</summary>
    public const int MaxReadLength = 16 * 1024 * 1024;

    /// <summary>The most requests in flight a worker can grant on one connection.</summary>
    public const int MaxInFlight = 65_536;

    /// <summary>
    /// Every frame but a known, list or view reply and the data of a read or read-file reply fits in this many bytes, header included: a receive buffer of this size always holds one whole.
    /// </summary>
    public const int MaxControlFrame = FrameHeader.Size + ReadRequest.FixedSize + MaxPathBytes + TraceField.Size;

    /// <summary>The version two ends speak: the newest that both know.</summary>
    /// <param name="peerMin">The peer's oldest version.</param>
    /// <param name="peerMax">The peer's newest version.</param>
    /// <returns>0 when they have none in common.</returns>
    public static ushort ChooseVersion(ushort peerMin, ushort peerMax)
    {
        ushort version = Math.Min(peerMax, MaxVersion);
        return version >= Math.Max(peerMin, MinVersion) ? version : (ushort)0;
    }
}
