namespace Dora.Storage.Pages.Volumes;

/// <summary>One directory of a page store; best on a disk of its own.</summary>
/// <param name="Path">The directory; created when missing. One worker at a time may use it.</param>
/// <param name="CapacityBytes">The most bytes of disk that its files take, in-flight writes and the checkpoint included. At least <see cref="PageStoreOptions.MinCapacityBytes"/>.</param>
public sealed record PageDirectoryOptions(string Path, long CapacityBytes);
