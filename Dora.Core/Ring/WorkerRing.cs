using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Dora;

/// <summary>
/// Consistent hashing: which worker owns a file. Immutable; the only ring of Dora, used by the placement director, the workers and the client.
/// </summary>
public sealed class WorkerRing
{
    private readonly ulong[] _seeds;

    /// <summary>Builds the ring.</summary>
    /// <param name="members">The members in any order; the same set gives the same ring.</param>
    /// <exception cref="ArgumentException">Two members with one id, or a weight out of range.</exception>
    public WorkerRing(IEnumerable<RingMember> members)
    {
        Members = [.. members.OrderBy(static m => m.Id)];
        _seeds = [.. Members.Select(static m => BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(m.Id.Value))))];
    }

    /// <summary>The members, ordered by id.</summary>
    public ImmutableArray<RingMember> Members { get; }

    /// <summary>Whether there is no member, and therefore no owner.</summary>
    public bool IsEmpty => Members.IsEmpty;

    /// <summary>The owner of a file.</summary>
    /// <exception cref="InvalidOperationException">The ring is empty.</exception>
    public WorkerId Owner(FileId file)
    {
        Span<int> first = stackalloc int[1];
        return Owners(file, first) == 1 ? Members[first[0]].Id : throw new InvalidOperationException("the ring has no members");
    }

    /// <summary>
    /// The first owners of a file in failover order: each is the owner the ring would name if those before it were gone.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="owners">Receives indexes into <see cref="Members"/>.</param>
    /// <returns>How many were written: the smaller of the span's length and the number of members.</returns>
    public int Owners(FileId file, Span<int> owners)
    {
        int count = Math.Min(owners.Length, _seeds.Length);
        for (int rank = 0; rank < count; rank++)
        {
            owners[rank] = Best(file, owners[..rank]);
        }

        return count;
    }

    private int Best(FileId file, ReadOnlySpan<int> excluded)
    {
        int best = -1;
        double bestScore = double.PositiveInfinity;
        for (int i = 0; i < _seeds.Length; i++)
        {
            double score = -Math.Log(((Mix(file.High ^ _seeds[i]) >> 11) + 1) * (1.0 / (1UL << 53))) / Members[i].Weight;
            if (score < bestScore && !excluded.Contains(i))
            {
                (best, bestScore) = (i, score);
            }
        }

        return best;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
        return z ^ (z >> 31);
    }
}
