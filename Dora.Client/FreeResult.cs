namespace Dora.Client;

/// <summary>What <see cref="DoraClient.FreeAsync"/> freed, over all workers.</summary>
/// <param name="Files">Files that had something cached on their owners.</param>
/// <param name="Bytes">Bytes of pages freed there.</param>
/// <param name="Copies">Copies that other workers than the owners had of files, from failovers or from before the ring changed.</param>
/// <param name="CopyBytes">Bytes of pages freed of those.</param>
public readonly record struct FreeResult(long Files, long Bytes, long Copies, long CopyBytes);
