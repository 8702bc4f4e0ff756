namespace Dora.PageChannel.Codec;

/// <summary>How the decoding of bytes ended.</summary>
internal enum FrameDecodeOutcome
{
    /// <summary>Decoded.</summary>
    Ok,

    /// <summary>The bytes so far are right but not all there.</summary>
    NeedMore,

    /// <summary>The bytes can never become a frame: say goodbye and close the connection.</summary>
    Malformed,
}

/// <summary>The result of decoding: a value, never an exception, whatever the bytes are.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Needed">For <see cref="FrameDecodeOutcome.NeedMore"/>: how many bytes the span must have, at least, for the next try.</param>
/// <param name="Reason">For <see cref="FrameDecodeOutcome.Malformed"/>: the broken rule, a constant text without peer data.</param>
internal readonly record struct FrameDecode(FrameDecodeOutcome Outcome, int Needed, string? Reason)
{
    /// <summary>Decoded.</summary>
    public static FrameDecode Ok => default;

    /// <summary>Whether it was decoded.</summary>
    public bool IsOk => Outcome == FrameDecodeOutcome.Ok;

    internal static FrameDecode NeedMore(int needed) => new(FrameDecodeOutcome.NeedMore, needed, null);

    internal static FrameDecode Malformed(string reason) => new(FrameDecodeOutcome.Malformed, 0, reason);
}
