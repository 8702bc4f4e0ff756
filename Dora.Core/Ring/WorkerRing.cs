using System.Collections.Immutable;

namespace Dora;

/// <summary>
/// Consistent hashing: which worker owns a file. Immutable; the only ring of Dora, used by the placement director, the workers and the client.
/// </summary>
/// <remarks>
/// <para>
/// Weighted rendezvous hashing over slots (rendezvous: Thaler and Ravishankar 1998; weights: Schindelhauer and Schomaker 2005; a
/// permutation of slots per member: Maglev, Eisenbud et al. 2016). The first <see cref="SlotBits"/> bits of a file id are its slot, so a slot
/// is a contiguous range of ids. Every member reaches the slots in an order of its own, at times that are exponentially distributed with its
/// weight as rate; the first to reach a slot owns it, the second is next when the first fails, and so on.
/// </para>
/// <para>
/// What follows from that: the owner depends on the set of members alone; a member that joins takes slots and moves none between the others; a
/// member that leaves gives its slots to the others in proportion to their weights. Choice and measurements:
/// <c>docs/decisions/0002-ring-algorithm.md</c>; explanation: <c>docs/ring.md</c>.
/// </para>
/// </remarks>
public sealed class WorkerRing
{
    /// <summary>How many leading bits of a file id are its slot.</summary>
    public const int SlotBits = SlotWalk.Bits;

    /// <summary>The most members of a ring.</summary>
    public const int MaxMembers = ushort.MaxValue;

    private readonly SlotWalk[] _walks;
    private readonly ulong[] _slowness;
    private readonly ushort[] _owner;

    /// <summary>Builds the ring: tens of milliseconds, whatever the number of members, and 2 MiB.</summary>
    /// <param name="members">The members in any order; the same set gives the same ring.</param>
    /// <exception cref="ArgumentException">Two members with one id, a weight out of range, or more than <see cref="MaxMembers"/> members.</exception>
    public WorkerRing(IEnumerable<RingMember> members)
    {
        Members = [.. members.OrderBy(static m => m.Id)];
        Check(Members);
        _walks = [.. Members.Select(static m => new SlotWalk(m.Id))];
        _slowness = [.. Members.Select(static m => ArrivalTime.Slowness(m.Weight))];
        _owner = Members.IsEmpty ? [] : SlotTable.Build(_walks, _slowness, Members.Sum(static m => (long)m.Weight));
    }

    /// <summary>The members, ordered by id.</summary>
    public ImmutableArray<RingMember> Members { get; }

    /// <summary>Whether there is no member, and therefore no owner.</summary>
    public bool IsEmpty => Members.IsEmpty;

    /// <summary>The slot of a file: 0 to 2^<see cref="SlotBits"/> - 1. Slots are contiguous ranges of ids, in order.</summary>
    public static int SlotOf(FileId file) => (int)(file.High >> (64 - SlotBits));

    /// <summary>The owner of a file.</summary>
    /// <exception cref="InvalidOperationException">The ring is empty.</exception>
    public WorkerId Owner(FileId file) => Members[OwnerIndex(file)].Id;

    /// <summary>The owner of a file as an index into <see cref="Members"/>: one table access.</summary>
    /// <exception cref="InvalidOperationException">The ring is empty.</exception>
    public int OwnerIndex(FileId file)
    {
        int slot = SlotOf(file);
        return slot < _owner.Length ? _owner[slot] : throw new InvalidOperationException("the ring has no members");
    }

    /// <summary>
    /// The first owners of a file in failover order: each is the owner the ring would name if those before it were gone. The first is one table
    /// access, each further one asks every member (some 5 ns each): ask for them when the first has failed.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="owners">Receives indexes into <see cref="Members"/>.</param>
    /// <returns>How many were written: the smaller of the span's length and the number of members.</returns>
    public int Owners(FileId file, Span<int> owners)
    {
        int count = Math.Min(owners.Length, _walks.Length);
        for (int rank = 0; rank < count; rank++)
        {
            owners[rank] = rank == 0 ? OwnerIndex(file) : SlotTable.First(_walks, _slowness, SlotOf(file), owners[..rank]);
        }

        return count;
    }

    private static void Check(ImmutableArray<RingMember> members)
    {
        if (members.Length > MaxMembers)
        {
            throw new ArgumentException($"{members.Length} members: a ring has at most {MaxMembers}", nameof(members));
        }

        for (int i = 0; i < members.Length; i++)
        {
            if (members[i].Weight is <= 0 or > WorkerDescriptor.MaxWeight)
            {
                throw new ArgumentException(
                    $"member '{members[i].Id}' has weight {members[i].Weight}: it must be 1 to {WorkerDescriptor.MaxWeight}", nameof(members));
            }

            if (i > 0 && members[i].Id == members[i - 1].Id)
            {
                throw new ArgumentException($"member '{members[i].Id}' is there twice: remove one", nameof(members));
            }
        }
    }
}
