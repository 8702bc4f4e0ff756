namespace Dora.Cli.Local;

/// <summary>What <c>up</c> and <c>demo</c> tell every worker.</summary>
/// <param name="PageCapacityBytes">Cap on each worker's page store in bytes; <see langword="null"/> leaves the worker's default.</param>
internal sealed record LocalWorkerOptions(long? PageCapacityBytes);
