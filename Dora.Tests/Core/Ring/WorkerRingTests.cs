using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.Core.Ring;

public sealed class WorkerRingTests
{
    private static readonly FileId[] Files = RingSamples.Files(2_000);

    /// <summary>2 to 12 members with numbers below 40 and any weights.</summary>
    private static readonly Arbitrary<RingMember[]> Sets =
        Gen.Zip(Gen.Choose(0, 39), Gen.Choose(1, 400)).ArrayOf()
            .Select(static pairs => pairs.DistinctBy(static p => p.Item1).Take(12).Select(static p => RingSamples.Member(p.Item1, p.Item2)).ToArray())
            .Where(static members => members.Length >= 2)
            .ToArbitrary();

    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(12);

    [Fact]
    public void Ring_MembersInAnotherOrder_IsTheSame() => Check.One(Runs, Prop.ForAll(Sets, static members =>
    {
        WorkerRing one = new(members), other = new(members.Reverse());
        return one.Members.SequenceEqual(other.Members) && Files.All(f => one.Owner(f) == other.Owner(f));
    }));

    [Fact]
    public void Ring_OneMemberLeaves_MovesItsFilesToTheirNextOwnerAndNoOther() => Check.One(Runs, Prop.ForAll(Sets, static members =>
    {
        RingMember leaver = members[0];
        WorkerRing before = new(members), after = new(members.Skip(1));
        Span<int> owners = stackalloc int[2];
        foreach (FileId file in Files)
        {
            before.Owners(file, owners);
            WorkerId first = before.Members[owners[0]].Id;
            WorkerId expected = first == leaver.Id ? before.Members[owners[1]].Id : first;
            if (after.Owner(file) != expected)
            {
                return false;
            }
        }

        return true;
    }));

    [Fact]
    public void Ring_OneMemberJoins_TakesFilesAndMovesNoneBetweenOthers() => Check.One(Runs, Prop.ForAll(Sets, static members =>
    {
        RingMember joiner = RingSamples.Member(99, 250);
        WorkerRing before = new(members), after = new(members.Append(joiner));
        return Files.All(f => after.Owner(f) == before.Owner(f) || after.Owner(f) == joiner.Id) && Files.Any(f => after.Owner(f) == joiner.Id);
    }));

    [Fact]
    public void Owners_Always_AreDistinctAndWhatTheRingWouldSayWithoutThoseBefore() => Check.One(Runs, Prop.ForAll(Sets, static members =>
    {
        WorkerRing ring = new(members);
        var owners = new int[Files.Length][];
        for (int i = 0; i < Files.Length; i++)
        {
            owners[i] = new int[members.Length];
            if (ring.Owners(Files[i], owners[i]) != members.Length || owners[i].Distinct().Count() != members.Length)
            {
                return false;
            }
        }

        // Without its first two, a file's owner is its third.
        if (members.Length < 3)
        {
            return true;
        }

        (int a, int b) = (owners[0][0], owners[0][1]);
        WorkerRing rest = new(ring.Members.Where((_, i) => i != a && i != b));
        return Enumerable.Range(0, Files.Length)
            .Where(i => owners[i].AsSpan(0, 2).Contains(a) && owners[i].AsSpan(0, 2).Contains(b))
            .All(i => rest.Owner(Files[i]) == ring.Members[owners[i][2]].Id);
    }));

    [Fact]
    public void Shares_OfAnyWeights_AreInProportion() => Check.One(Runs, Prop.ForAll(Sets, static members =>
    {
        WorkerRing ring = new(members);
        double[] shares = RingSamples.Shares(ring);
        double total = members.Sum(static m => m.Weight);

        // A share is a sum of 2^20 slots that are won by chance: eight standard deviations.
        return ring.Members.Select((m, i) => (Ideal: m.Weight / total, Share: shares[i]))
            .All(static s => Math.Abs(s.Share - s.Ideal) < (8 * Math.Sqrt(s.Ideal / (1 << WorkerRing.SlotBits))) + 1e-5);
    }));

    [Theory]
    [InlineData(3, 1.01)]
    [InlineData(20, 1.02)]
    [InlineData(1_000, 1.10)]
    public void Shares_OfEqualMembers_AreEven(int members, double limit) =>
        Assert.InRange(RingSamples.Shares(new WorkerRing(RingSamples.Members(members))).Max() * members, 1, limit);

    [Fact]
    public void Failover_OfOneMember_SpreadsEvenlyOverTheOthers()
    {
        WorkerRing ring = new(RingSamples.Members(10)), without = new(RingSamples.Members(10).Skip(1));
        var taken = new Dictionary<WorkerId, int>();
        for (ulong slot = 0; slot < 1UL << WorkerRing.SlotBits; slot++)
        {
            var file = new FileId(slot << (64 - WorkerRing.SlotBits), 0);
            if (ring.OwnerIndex(file) == 0)
            {
                taken[without.Owner(file)] = taken.GetValueOrDefault(without.Owner(file)) + 1;
            }
        }

        Assert.Equal(9, taken.Count);
        Assert.InRange(taken.Values.Max() / taken.Values.Average(), 1, 1.05);
    }

    [Fact]
    public void Slot_OfAFile_IsAContiguousRangeOfIds()
    {
        Assert.Equal(0, WorkerRing.SlotOf(new FileId(0x00000FFF_FFFFFFFF, ulong.MaxValue)));
        Assert.Equal(1, WorkerRing.SlotOf(new FileId(0x00001000_00000000, 0)));
        Assert.Equal((1 << 20) - 1, WorkerRing.SlotOf(new FileId(ulong.MaxValue, ulong.MaxValue)));
    }

    [Fact]
    public void Ring_WithoutMembers_IsEmptyAndHasNoOwner()
    {
        WorkerRing ring = new([]);

        Assert.True(ring.IsEmpty);
        Assert.Equal(0, ring.Owners(Files[0], new int[3]));
        Assert.Throws<InvalidOperationException>(() => ring.Owner(Files[0]));
    }

    [Fact]
    public void Owners_MoreAskedForThanThereAre_GivesAll()
    {
        var owners = new int[5];

        Assert.Equal(2, new WorkerRing(RingSamples.Members(2)).Owners(Files[0], owners));
        Assert.Equal([0, 1], owners[..2].Order());
    }

    [Fact]
    public void Ring_OfWrongMembers_IsRefused()
    {
        RingMember[][] wrong =
        [
            [RingSamples.Member(1), RingSamples.Member(1, 50)],
            [RingSamples.Member(1, 0)],
            [RingSamples.Member(1, -5)],
            [RingSamples.Member(1, WorkerDescriptor.MaxWeight + 1)],
            RingSamples.Members(WorkerRing.MaxMembers + 1),
        ];
        Assert.All(wrong, static members => Assert.Throws<ArgumentException>(() => new WorkerRing(members)));
    }

    [Fact]
    public void Ring_OfManyMembersAndExtremeWeights_HasAnOwnerForEverySlot()
    {
        RingMember[] members = [.. Enumerable.Range(0, 3_000).Select(static i => RingSamples.Member(i, i % 7 == 0 ? WorkerDescriptor.MaxWeight : 1))];

        double[] shares = RingSamples.Shares(new WorkerRing(members));

        Assert.Equal(1, shares.Sum(), 9);
    }
}
