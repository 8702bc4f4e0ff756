namespace Dora.Client;

/// <summary>What <see cref="DoraClient.FreeAsync"/> freed, over all workers.</summary>
/// <param name="Files">Files that had something cached.</param>
/// <param name="Bytes">Bytes of pages freed.</param>
public readonly record struct FreeResult(long Files, long Bytes);
