namespace Dora.Tests.Core.Workers;

public sealed class ClusterSnapshotTests
{
    [Fact]
    public void Snapshot_OfWorkers_NamesTheOwnerOfTheRing()
    {
        ClusterSnapshot snapshot = new(7, [Worker("b"), Worker("a"), Worker("c")], MountTable.Empty);

        Assert.Equal((7, "a b c"), (snapshot.MembershipVersion, string.Join(' ', snapshot.Workers.Select(static w => w.Id))));
        for (ulong i = 0; i < 64; i++)
        {
            var file = new FileId(i << 58, 0);
            Assert.Equal(snapshot.Ring.Owner(file), snapshot.OwnerOf(file)?.Id);
        }
    }

    [Fact]
    public void Snapshot_OfTwoWorkersWithOneId_KeepsTheFirst()
    {
        ClusterSnapshot snapshot = new(1, [Worker("a", "first"), Worker("a", "second")], MountTable.Empty);

        Assert.Equal("first", Assert.Single(snapshot.Workers).Host);
        Assert.Equal("first", snapshot.Find(new WorkerId("a"))?.Host);
    }

    [Fact]
    public void Snapshot_WithoutWorkers_HasNoOwner()
    {
        Assert.Null(ClusterSnapshot.Empty.OwnerOf(new FileId(1, 2)));
        Assert.Null(ClusterSnapshot.Empty.Find(new WorkerId("a")));
    }

    [Fact]
    public void Snapshot_WithOtherMounts_KeepsWorkersAndRing()
    {
        ClusterSnapshot before = new(7, [Worker("a")], MountTable.Empty);
        MountTable mounts = new(2, []);

        ClusterSnapshot after = before.With(mounts);

        Assert.Same(before.Ring, after.Ring);
        Assert.Same(mounts, after.Mounts);
        Assert.Equal((7, before.Workers), (after.MembershipVersion, after.Workers));
        Assert.NotNull(after.Find(new WorkerId("a")));
    }

    private static WorkerInfo Worker(string id, string host = "127.0.0.1") => new(new WorkerId(id), host, 1, 0, 100);

    [Fact]
    public void Snapshot_OfALaterMembership_KeepsTheRingOnlyWhileItsMembersStay()
    {
        WorkerInfo[] workers = [new(new WorkerId("a"), "host", 1, 0, 100), new(new WorkerId("b"), "host", 2, 0, 100)];
        var snapshot = new ClusterSnapshot(1, workers, MountTable.Empty);

        ClusterSnapshot moved = snapshot.With(2, [workers[0] with { PagePort = 9 }, workers[1]]);
        ClusterSnapshot shrunk = snapshot.With(3, workers[..1]);

        Assert.Same(snapshot.Ring, moved.Ring);
        Assert.Equal(9, moved.Find(new WorkerId("a"))!.PagePort);
        Assert.Equal((2, 3), (moved.MembershipVersion, shrunk.MembershipVersion));
        Assert.Single(shrunk.Ring.Members);
    }
}
