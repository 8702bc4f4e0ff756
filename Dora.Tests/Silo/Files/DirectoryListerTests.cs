using Dora.Interfaces;
using Dora.Silo.Files;
using Dora.Tests.Grains.Doubles;

namespace Dora.Tests.Silo.Files;

public sealed class DirectoryListerTests
{
    private readonly MemoryUfsProvider _stores = new();

    [Fact]
    public async Task List_MountsBelow_HideAndJoinStoreEntriesInNameOrder()
    {
        foreach (string file in new[] { "a", "b/hidden", "d" })
        {
            _stores["root"].Add(file, 1);
        }

        ListReply reply = await ListAsync("/m", Table(("/m", "root"), ("/m/b", "other"), ("/m/c/deep", "third")), null, 100);

        Assert.Equal(["/m/a:File", "/m/b:Directory", "/m/c:Directory", "/m/d:File"], reply.Entries.Select(static e => $"{e.Path}:{e.Kind}"));
        Assert.Equal("memory://other", reply.Entries[1].UfsPath);
        Assert.Equal(string.Empty, reply.Entries[2].UfsPath);
        Assert.Equal("memory://root/d", reply.Entries[3].UfsPath);
    }

    [Theory]
    [InlineData("/", new[] { "/x" })]
    [InlineData("/x", new[] { "/x/m", "/x/n" })]
    public async Task List_AboveMounts_ShowsTheWayToThem(string path, string[] expected)
    {
        ListReply reply = await ListAsync(path, Table(("/x/m", "root"), ("/x/n", "other")), null, 100);

        Assert.Equal(expected, reply.Entries.Select(static e => e.Path));
        Assert.All(reply.Entries, static e => Assert.Equal(FileKind.Directory, e.Kind));
    }

    [Fact]
    public async Task List_WhatTheStoreLeavesOut_IsToldOnWithWhatNoPathCanName()
    {
        string deep = "/m" + string.Concat(Enumerable.Repeat("/" + new string('d', 200), 20));
        string store = deep[3..];
        _stores["root"].Add(store + "/" + new string('n', 250), 1);
        _stores["root"].Add(store + "/short", 1);
        _stores["root"].Left = [new SkippedEntries(SkipReason.Fifo, 2, ["a", "b"])];

        ListReply reply = await ListAsync(deep, Table(("/m", "root")), null, 100);

        Assert.Equal(["short"], reply.Entries.Select(static e => e.Name));
        Assert.Equal([new(SkipReason.Fifo, 2, ["a", "b"]), new SkippedEntries(SkipReason.PathTooLong, 1, [new string('n', 250)])], reply.SkippedEntries);
        Assert.Equal((3, (await _stores["root"].ListAsync(store, null, 1, default)).DirectoryId), (reply.Skipped, reply.DirectoryId));
    }

    [Fact]
    public async Task List_RootWithoutMounts_IsEmpty() => Assert.Empty((await ListAsync("/", MountTable.Empty, null, 10)).Entries);

    [Fact]
    public async Task List_UnderNoMount_SaysHowToMount()
    {
        ListReply reply = await ListAsync("/nowhere", MountTable.Empty, null, 10);

        Assert.Equal(DoraErrorCode.NotMounted, reply.Code);
        Assert.Contains("dora mount add /nowhere URI", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_AbsentInTheStoreButAboveAMount_ShowsTheMount()
    {
        _stores["root"].Add("a", 1);

        ListReply reply = await ListAsync("/m/gone", Table(("/m", "root"), ("/m/gone/here", "other")), null, 10);

        Assert.Equal("/m/gone/here", Assert.Single(reply.Entries).Path);
    }

    [Fact]
    public async Task List_NotAContinuation_IsRefused()
    {
        ListReply reply = await ListAsync("/m", Table(("/m", "root")), "nonsense", 10);

        Assert.Equal(DoraErrorCode.InvalidArgument, reply.Code);
    }

    [Fact]
    public async Task List_AnyPageSizeAndAnyMounts_GivesEachNameOnceInOrder()
    {
        var random = new Random(20260111);
        for (int round = 0; round < 200; round++)
        {
            string location = $"r{round}";
            string[] files = [.. Enumerable.Range(0, random.Next(0, 12)).Select(_ => Name(random)).Distinct()];
            string[] mounts = [.. Enumerable.Range(0, random.Next(0, 5)).Select(_ => Name(random)).Distinct()];
            foreach (string file in files)
            {
                _stores[location].Add(file, 1);
            }

            MountTable table = Table([("/m", location), .. mounts.Select(static m => ("/m/" + m, "below"))]);
            List<string> listed = await ListAllAsync("/m", table, random.Next(1, 8));

            Assert.Equal(files.Union(mounts).Order(StringComparer.Ordinal), listed);
        }
    }

    [Fact]
    public void Continuation_AnyNames_ComesBack()
    {
        foreach (ListContinuation value in new ListContinuation[] { new("", null), new("a|b:3", null), new("", "x"), new("3:a.", "||"), new("é", "") })
        {
            Assert.True(ListContinuation.TryParse(value.ToString(), out ListContinuation? back));
            Assert.Equal(value, back);
        }
    }

    private static string Name(Random random) => new((char)('a' + random.Next(0, 20)), 1);

    private static MountTable Table(params (string Path, string Location)[] mounts) =>
        new(1, mounts.Select(static m => new Mount(DoraPath.Parse(m.Path), UfsUri.Parse("memory://" + m.Location), 65536, Freshness.Immutable)));

    private async Task<List<string>> ListAllAsync(string path, MountTable table, int limit)
    {
        List<string> names = [];
        string? continuation = null;
        do
        {
            ListReply reply = await ListAsync(path, table, continuation, limit);
            Assert.Equal(DoraErrorCode.None, reply.Code);
            names.AddRange(reply.Entries.Select(static e => e.Name));
            continuation = reply.Continuation;
        }
        while (continuation is not null);

        return names;
    }

    private Task<ListReply> ListAsync(string path, MountTable table, string? continuation, int limit) =>
        new DirectoryLister(new MemoryWorkerStorage(_stores), TimeProvider.System).ListAsync(RequestedPath.Resolve(Caller.Anonymous, path, table), continuation, limit, default);
}
