using System.Globalization;

namespace Dora.Tests.Core.Ring;

internal static class RingSamples
{
    internal static RingMember Member(int number, int weight = 100) =>
        new(new WorkerId(string.Create(CultureInfo.InvariantCulture, $"w{number}")), weight);

    internal static RingMember[] Members(int count) => [.. Enumerable.Range(0, count).Select(static i => Member(i))];

    internal static FileId[] Files(int count) =>
        [.. Enumerable.Range(0, count).Select(static i => FileId.FromUfsPath(string.Create(CultureInfo.InvariantCulture, $"file:///data/{i}.bin")))];

    /// <summary>The exact share of the key space of each member, in the order of <see cref="WorkerRing.Members"/>.</summary>
    internal static double[] Shares(WorkerRing ring)
    {
        var shares = new double[ring.Members.Length];
        for (ulong slot = 0; slot < 1UL << WorkerRing.SlotBits; slot++)
        {
            shares[ring.OwnerIndex(new FileId(slot << (64 - WorkerRing.SlotBits), 0))] += 1.0 / (1 << WorkerRing.SlotBits);
        }

        return shares;
    }
}
