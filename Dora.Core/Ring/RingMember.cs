namespace Dora;

/// <summary>A worker on the ring.</summary>
/// <param name="Id">The worker.</param>
/// <param name="Weight">Share of keys relative to the other members, 1 to <see cref="WorkerDescriptor.MaxWeight"/>.</param>
public readonly record struct RingMember(WorkerId Id, int Weight);
