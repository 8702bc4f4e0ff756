using Dora.Grains.ClusterStore;
using Dora.Grains.Jobs;
using Dora.Interfaces;

namespace Dora.Tests.Grains.Jobs;

/// <summary>What is written of a job can be gone on from exactly, at any instant.</summary>
public sealed class LoadLedgerTests
{
    private static readonly StoredJob Job = new()
    {
        JobId = "j",
        Revision = 1,
        Path = "/data",
        Parallelism = 4,
        State = LoadJobState.Running,
        StartedAt = DateTimeOffset.UnixEpoch,
        Pending = [new PendingListing("/data", null)],
    };

    private readonly LoadLedger _ledger = new(Job);

    [Fact]
    public void Page_CountsWhenAllItsFilesAreDone()
    {
        LoadUnit page = Begin("/data");
        _ledger.Found(page, 10);
        _ledger.Found(page, 20);
        _ledger.Loaded(page, 10);
        Assert.Equal(new JobCounters(2, 30, 1, 10, 0), _ledger.Live);
        AssertWritten(default, "/data");

        _ledger.Listed(page);
        AssertWritten(default, "/data");

        _ledger.Loaded(page, 20);
        AssertWritten(new JobCounters(2, 30, 2, 30, 0));
        Assert.True(_ledger.IsEmpty);
    }

    [Fact]
    public void Parts_ArePendingOnlyOnceWhatFoundThemCounts()
    {
        LoadUnit page = Begin("/data");
        _ledger.Add(page, new PendingListing("/data/d", null));
        _ledger.Add(page, new PendingListing("/data", "next"));
        _ledger.Found(page, 10);
        _ledger.Listed(page);
        LoadUnit directory = Begin("/data/d");
        _ledger.Found(directory, 7);
        _ledger.Listed(directory);
        _ledger.Loaded(directory, 7);

        // The directory is done, but who goes on from here finds it again through its page.
        AssertWritten(default, "/data");

        _ledger.Loaded(page, 10);
        AssertWritten(new JobCounters(2, 17, 2, 17, 0), "/data>next");
        Assert.Equal("next", _ledger.Begin()!.Listing.Continuation);
    }

    [Fact]
    public void SplitFile_HoldsUpOnlyItself()
    {
        LoadUnit page = Begin("/data");
        LoadUnit large = _ledger.Split(page, "/data/large", 1000, wasFound: false);
        _ledger.Found(page, 10);
        _ledger.Found(page, 20);
        _ledger.Listed(page);
        LoadUnit slow = _ledger.Split(page, "/data/slow", 20, wasFound: true);
        Assert.Equal(new JobCounters(3, 1030, 0, 0, 0), _ledger.Live);

        _ledger.Loaded(page, 10);
        AssertWritten(new JobCounters(1, 10, 1, 10, 0), "/data/large", "/data/slow");

        _ledger.Failed(slow, "/data/slow: why");
        AssertWritten(new JobCounters(2, 30, 1, 10, 1), "/data/large");
        Assert.Equal("/data/slow: why", Assert.Single(_ledger.Write(Job).Failures));

        _ledger.Loaded(large, 1000);
        AssertWritten(new JobCounters(3, 1030, 2, 1010, 1));
    }

    [Fact]
    public void SplitLastOpenFile_CountsThePage()
    {
        LoadUnit page = Begin("/data");
        _ledger.Found(page, 20);
        _ledger.Listed(page);

        _ledger.Split(page, "/data/slow", 20, wasFound: true);

        AssertWritten(default, "/data/slow");
    }

    [Fact]
    public void NotListed_IsOneFailure()
    {
        _ledger.NotListed(Begin("/data"), "/data: why");

        AssertWritten(new JobCounters(0, 0, 0, 0, 1));
        Assert.Equal(["/data: why"], _ledger.Failures);
    }

    [Fact]
    public void Links_WaitApart_AlsoAfterTheJobWasTakenOver()
    {
        LoadUnit page = Begin("/data");
        _ledger.Add(page, new PendingListing("/data/b", null) { IsLink = true }, 5);
        _ledger.Add(page, new PendingListing("/data/a", null) { IsLink = true }, 6);
        _ledger.Add(page, new PendingListing("/data/c", null), 7);
        _ledger.Listed(page);

        foreach (LoadLedger ledger in (LoadLedger[])[new LoadLedger(_ledger.Write(Job)), _ledger])
        {
            Assert.Equal("/data/c", ledger.Begin()!.Listing.Path);
            Assert.Null(ledger.Begin());
            Assert.Equal((2, true), (ledger.Links, ledger.HasWaiting));
            IReadOnlyList<LoadUnit> links = ledger.TakeLinks();
            Assert.Equal(["/data/a", "/data/b"], links.Select(static l => l.Listing.Path));
            links[0].IsEntered = true;
            ledger.Return(links[0]);
            Assert.Same(links[0], ledger.Begin());
        }
    }

    [Fact]
    public void Skipped_IsWrittenOnceItsPageCounts()
    {
        LoadUnit page = Begin("/data");
        _ledger.Found(page, 1);
        _ledger.Skip(page, SkipReason.Fifo, 2, ["/data/p"]);
        _ledger.Listed(page);
        Assert.Null(_ledger.Write(Job).Skipped);

        _ledger.Loaded(page, 1);

        SkippedEntries[] written = _ledger.Write(Job).Skipped!;
        Assert.Equal([new SkippedEntries(SkipReason.Fifo, 2, ["/data/p"])], written);
        Assert.Equal(written, _ledger.Skipped);
        Assert.Equal(written, new LoadLedger(_ledger.Write(Job)).Skipped);
    }

    [Fact]
    public void Failures_AreKeptUpToABound()
    {
        LoadUnit page = Begin("/data");
        foreach (int i in Enumerable.Range(0, 50))
        {
            _ledger.Found(page, 1);
            _ledger.Failed(page, $"f{i}");
        }

        _ledger.Listed(page);

        Assert.Equal(50, _ledger.Counted.FilesFailed);
        Assert.Equal(Enumerable.Range(0, LoadLedger.MaxFailures).Select(static i => $"f{i}"), _ledger.Write(Job).Failures.AsEnumerable());
    }

    [Fact]
    public void AnyInstant_GoneOnFrom_CountsEveryFileOnce()
    {
        // A tree of which files end in random order; at each step the job is taken over by another ledger, which does the rest.
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            var ledger = new LoadLedger(Job);
            int steps = random.Next(60);
            Walk(ledger, random, steps);
            StoredJob written = ledger.Write(Job);

            var next = new LoadLedger(written);
            Walk(next, random, int.MaxValue);

            Assert.True(next.IsEmpty);
            Assert.Equal(new JobCounters(Files(0), Files(0), Files(0), Files(0), 0), next.Counted);
        }
    }

    // A directory has 3 pages of 2 files each, the first page also a large file and, down to depth 2, a directory.
    private static int Files(int depth) => 7 + (depth < 2 ? Files(depth + 1) : 0);

    private static void Walk(LoadLedger ledger, Random random, int steps)
    {
        List<LoadUnit> open = [];
        for (; steps > 0 && (open.Count > 0 || ledger.HasWaiting); steps--)
        {
            if (ledger.HasWaiting && (open.Count == 0 || random.Next(2) == 0))
            {
                open.AddRange(List(ledger, ledger.Begin()!, random));
                continue;
            }

            int which = random.Next(open.Count);
            LoadUnit unit = open[which];
            if (random.Next(4) == 0 && !unit.Listing.Path.EndsWith("/slow", StringComparison.Ordinal) && !unit.Listing.Path.EndsWith("/large", StringComparison.Ordinal))
            {
                unit = open[which] = ledger.Split(unit, unit.Listing.Path + "/slow", 1, wasFound: true);
            }

            if (random.Next(4) > 0)
            {
                ledger.Loaded(unit, 1);
                open.RemoveAt(which);
            }
        }
    }

    private static List<LoadUnit> List(LoadLedger ledger, LoadUnit unit, Random random)
    {
        List<LoadUnit> open = [];
        string path = unit.Listing.Path;
        int page = int.Parse(unit.Listing.Continuation ?? "0", System.Globalization.CultureInfo.InvariantCulture);
        if (path.EndsWith("/slow", StringComparison.Ordinal) || path.EndsWith("/large", StringComparison.Ordinal))
        {
            ledger.Found(unit, 1);
            open.Add(unit);
        }
        else
        {
            int depth = path.Count(static c => c == '/') - 1;
            if (page == 0 && depth < 2)
            {
                ledger.Add(unit, new PendingListing(path + "/d", null));
            }

            foreach (int _ in Enumerable.Range(0, 2))
            {
                ledger.Found(unit, 1);
                open.Add(unit);
            }

            if (page == 0)
            {
                open.Add(ledger.Split(unit, path + "/large", 1, wasFound: false));
            }

            if (page < 2)
            {
                ledger.Add(unit, new PendingListing(path, (page + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)));
            }
        }

        ledger.Listed(unit);
        return open;
    }

    private LoadUnit Begin(string path)
    {
        LoadUnit? unit = _ledger.Begin();
        Assert.Equal(path, unit?.Listing.Path);
        return unit!;
    }

    private void AssertWritten(JobCounters counters, params string[] pending)
    {
        StoredJob written = _ledger.Write(Job);
        Assert.Equal(counters, written.Counters);
        Assert.Equal(pending, written.Pending.Select(static p => p.Continuation is null ? p.Path : $"{p.Path}>{p.Continuation}"));
    }
}
