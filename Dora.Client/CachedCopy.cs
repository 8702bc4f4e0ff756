namespace Dora.Client;

/// <summary>What a worker has cached of a file.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Version">The version of the file that it has; the file may have another one by now (<see cref="Dora.Interfaces.FileStat.Version"/>).</param>
/// <param name="Bytes">How many bytes of it, 1 or more.</param>
/// <param name="IsOwner">Whether the worker owns the file now. What others have are copies: of replicas, of stand-ins, or from before the ring changed.</param>
public sealed record CachedCopy(WorkerId Worker, FileVersion Version, long Bytes, bool IsOwner);

/// <summary>What a worker has cached below a path.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Files">Files that it owns and has something of.</param>
/// <param name="Bytes">Bytes of those.</param>
/// <param name="Copies">Files of other owners that it has something of.</param>
/// <param name="CopyBytes">Bytes of those.</param>
public sealed record CachedSum(WorkerId Worker, long Files, long Bytes, long Copies, long CopyBytes);
