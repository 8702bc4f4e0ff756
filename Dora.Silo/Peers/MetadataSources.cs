using System.Collections.Immutable;

namespace Dora.Silo.Peers;

/// <summary>
/// Which workers may know metadata of this worker's files that it has not taken over yet: those that were members when this one came. Files change their owners towards a worker when it
/// comes, and when another one leaves, which then hands over what it knows.
/// </summary>
internal sealed class MetadataSources
{
    private ImmutableHashSet<WorkerId>? _left;

    /// <summary>Whether there is nobody to ask; not before <see cref="Begin"/>.</summary>
    public bool IsEmpty => Volatile.Read(ref _left) is { IsEmpty: true };

    /// <summary>Whether a worker may know what this one does not; before <see cref="Begin"/> each may.</summary>
    public bool Contains(WorkerId worker) => Volatile.Read(ref _left)?.Contains(worker) ?? true;

    /// <summary>This worker has become a member beside others.</summary>
    public void Begin(IEnumerable<WorkerId> others) => Volatile.Write(ref _left, [.. others]);

    /// <summary>What a worker knew has been taken over, or is given up.</summary>
    public void End(WorkerId worker) => ImmutableInterlocked.Update(ref _left, static (left, ended) => left?.Remove(ended), worker);
}
