namespace Dora.Storage.Pages.Volumes;

/// <summary>One directory of a page store.</summary>
/// <param name="Path">Where.</param>
/// <param name="Bytes">Bytes of disk in use or promised to writers.</param>
/// <param name="CapBytes">The cap in effect: less than the capacity while the disk is full below it.</param>
/// <param name="CapacityBytes">The cap it was given.</param>
/// <param name="Segments">Segment files.</param>
/// <param name="Records">Records, those included that left and are still being read.</param>
/// <param name="IsQuarantined">Whether its disk failed and is not used for now.</param>
/// <param name="Quarantines">How often it failed since start.</param>
public sealed record PageDirectoryStatistics(
    string Path, long Bytes, long CapBytes, long CapacityBytes, int Segments, long Records, bool IsQuarantined, long Quarantines);
