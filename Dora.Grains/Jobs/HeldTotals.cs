namespace Dora.Grains.Jobs;

/// <summary>What a look at the end of a job has found.</summary>
/// <param name="Files">Files looked at.</param>
/// <param name="FilesHeld">Those of them that are held whole.</param>
/// <param name="BytesHeld">Bytes that are held.</param>
/// <param name="FirstMissing">The first few files that are not held whole, a line each.</param>
internal sealed record HeldTotals(long Files, long FilesHeld, long BytesHeld, IReadOnlyList<string> FirstMissing)
{
    /// <summary>Missing files that are named; the rest is counted.</summary>
    public const int MaxNamed = 10;

    /// <summary>Nothing looked at yet.</summary>
    public static HeldTotals None { get; } = new(0, 0, 0, []);

    /// <summary>Files that are not held whole.</summary>
    public long FilesMissing => Files - FilesHeld;

    /// <summary>Both together.</summary>
    public HeldTotals Plus(HeldTotals more) =>
        new(Files + more.Files, FilesHeld + more.FilesHeld, BytesHeld + more.BytesHeld, [.. FirstMissing.Concat(more.FirstMissing).Take(MaxNamed)]);
}
