namespace Dora.Storage.Pages.Records;

/// <summary>Where a record lies. A place names one record for as long as its segment's slot is taken: positions inside a segment are never used twice.</summary>
/// <param name="Slot">The segment's slot in the store's segment table; given to another segment only when nobody uses the first any more.</param>
/// <param name="Step">Position of the record's head in the segment, in steps of <see cref="StepSize"/>.</param>
internal readonly record struct RecordPlace(ushort Slot, uint Step)
{
    /// <summary>Records start on this grid, so that their space can be given back on its own.</summary>
    public const int StepSize = 4096;

    /// <summary>Position of the record's head in bytes.</summary>
    public long Position => (long)Step * StepSize;

    /// <summary>The place a loan is of.</summary>
    public static RecordPlace OfLoan(ulong loan) => new((ushort)(loan >> 32), (uint)loan);

    /// <summary>Both numbers in one, for <see cref="Dora.Core.Linux.LentBytes"/>.</summary>
    public ulong ToLoan() => ((ulong)Slot << 32) | Step;

    public static RecordPlace At(ushort slot, long position) => new(slot, checked((uint)(position / StepSize)));
}
