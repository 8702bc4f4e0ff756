namespace Dora.Interfaces;

/// <summary>What a worker holds of files.</summary>
/// <param name="Code">None, or why not.</param>
/// <param name="Message">One line; <see langword="null"/> when the code is None.</param>
/// <param name="Missing">Of each file asked for the bytes that are not cached on this worker, in the version that readers are given now; 0: all of it is held.</param>
/// <param name="Space">The worker's cache after it was looked at; <see langword="null"/> unless the code is None.</param>
[GenerateSerializer, Immutable, Alias("Dora.HeldReply")]
public sealed record HeldReply(
    [property: Id(0)] DoraErrorCode Code,
    [property: Id(1)] string? Message,
    [property: Id(2)] long[] Missing,
    [property: Id(3)] HeldSpace? Space);

/// <summary>A worker's cache at an instant. While neither of the first two changes, nothing that was cached has left it, but for what its mount's page TTL ends.</summary>
/// <param name="StartedAt">When the worker's process started, UTC.</param>
/// <param name="Dropped">Records that have left the cache since, whatever for.</param>
/// <param name="CapacityBytes">The most bytes that the cache may take, heads of records included.</param>
[GenerateSerializer, Immutable, Alias("Dora.HeldSpace")]
public sealed record HeldSpace([property: Id(0)] DateTimeOffset StartedAt, [property: Id(1)] long Dropped, [property: Id(2)] long CapacityBytes);
