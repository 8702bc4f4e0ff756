using Dora.Storage.Pages.Eviction;

namespace Dora.Tests.Storage.Pages.Eviction;

/// <summary>What every policy must keep, whatever it prefers.</summary>
public sealed class EvictionPolicyTests
{
    public static TheoryData<int> Kinds => [.. Enum.GetValues<EvictionPolicyKind>().Select(static k => (int)k)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryChoose_EmptyLog_IsFalse(int kind) =>
        Assert.False(Create(kind, 10).TryChoose(new ListWalk(), out _));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryChoose_RandomUse_ChoosesLiveRecordsAndEndsEmpty(int kind)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            int capacity = random.Next(1, 60);
            IEvictionPolicy policy = Create(kind, capacity);
            var walk = new ListWalk();
            for (int page = 0; page < 300; page++)
            {
                while (walk.Count >= capacity)
                {
                    Assert.True(policy.TryChoose(walk, out EvictionCandidate victim));
                    walk.Remove(victim);
                    policy.OnEvicted(victim, evicted: true);
                }

                walk.Append(page, policy.OnInsert(ListWalk.Key(page), 1, random.Next(4) == 0));
                int used = random.Next(page + 1);
                policy.OnHit(ref walk.State(new((uint)used)), ListWalk.Key(used));
            }

            while (walk.Count > 0)
            {
                Assert.True(policy.TryChoose(walk, out EvictionCandidate victim));
                walk.Remove(victim);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryChoose_NothingCanBeTaken_OffersEveryRecordInTurn(int kind)
    {
        const int Capacity = 50;
        IEvictionPolicy policy = Create(kind, Capacity);
        var walk = new ListWalk();
        for (int page = 0; page < Capacity; page++)
        {
            walk.Append(page, policy.OnInsert(ListWalk.Key(page), 1, loaded: false));
            policy.OnHit(ref walk.State(new((uint)page)), ListWalk.Key(page));
        }

        // All are being sent: the evictor asks again and again, and must come past each record that it might take.
        var offered = new HashSet<uint>();
        for (int i = 0; i < 20 * Capacity; i++)
        {
            Assert.True(policy.TryChoose(walk, out EvictionCandidate victim));
            policy.OnEvicted(victim, evicted: false);
            offered.Add(victim.Id.Value);
        }

        // The frequency policy offers the least used of each sample; equally used records must not hide each other for ever.
        Assert.InRange(offered.Count, kind == (int)EvictionPolicyKind.Frequency ? Capacity / 8 : Capacity, Capacity);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void TryChoose_SameCalls_SameVictims(int kind) => Assert.Equal(Victims(kind), Victims(kind));

    [Fact]
    public void Sieve_Choose_IsTheNaiveModel()
    {
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            int capacity = random.Next(2, 30);
            var policy = new SieveEviction();
            var walk = new ListWalk();
            var model = new List<(int Page, bool Used)>();
            int hand = 0;
            for (int page = 0; page < 400; page++)
            {
                if (model.Count == capacity)
                {
                    for (hand %= capacity; model[hand].Used; hand = (hand + 1) % capacity)
                    {
                        model[hand] = (model[hand].Page, false);
                    }

                    Assert.True(policy.TryChoose(walk, out EvictionCandidate victim));
                    Assert.Equal(model[hand].Page, (int)victim.Id.Value);
                    walk.Remove(victim);
                    model.RemoveAt(hand);
                }

                model.Add((page, false));
                walk.Append(page, policy.OnInsert(ListWalk.Key(page), 1, loaded: false));
                for (int i = random.Next(4); i > 0; i--)
                {
                    int used = random.Next(model.Count);
                    model[used] = (model[used].Page, true);
                    policy.OnHit(ref walk.State(new((uint)model[used].Page)), ListWalk.Key(model[used].Page));
                }
            }
        }
    }

    private static IEvictionPolicy Create(int kind, long capacity) => EvictionPolicies.Create((EvictionPolicyKind)kind, capacity);

    private static List<uint> Victims(int kind)
    {
        var random = new Random(7);
        IEvictionPolicy policy = Create(kind, 40);
        var walk = new ListWalk();
        var victims = new List<uint>();
        for (int page = 0; page < 400; page++)
        {
            while (walk.Count >= 40 && policy.TryChoose(walk, out EvictionCandidate victim))
            {
                victims.Add(victim.Id.Value);
                walk.Remove(victim);
                policy.OnEvicted(victim, evicted: true);
            }

            walk.Append(page, policy.OnInsert(ListWalk.Key(page), 1, loaded: false));
            int used = walk.Pages.ElementAt(random.Next((int)walk.Count));
            policy.OnHit(ref walk.State(new((uint)used)), ListWalk.Key(used));
        }

        return victims;
    }
}
