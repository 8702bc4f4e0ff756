namespace Dora.Storage.Pages;

/// <summary>What a page store can serve of a file.</summary>
/// <param name="Version">The version that it has; none when it has nothing.</param>
/// <param name="Bytes">How many bytes of the file, each counted once.</param>
public readonly record struct HeldPages(FileVersion Version, long Bytes);
