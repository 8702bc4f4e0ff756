using System.Runtime.Versioning;
using System.Text;
using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.Storage.Ufs;

public sealed class LocalUfsTests : IDisposable
{
    private static readonly UnixFileMode Open755 = (UnixFileMode)0b111_101_101;

    private readonly LocalUfsFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Stat_FileAndDirectory_TellKindLengthAndVersion()
    {
        _fixture.Write("a/b.bin", new byte[1234]);
        DateTimeOffset modified = new(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);
        File.SetLastWriteTimeUtc(_fixture.Path("a/b.bin"), modified.UtcDateTime);

        UfsStat file = await _fixture.StatAsync("a/b.bin");
        UfsStat directory = await _fixture.StatAsync("a");
        UfsStat root = await _fixture.StatAsync(string.Empty);

        Assert.Equal((FileKind.File, 1234L, modified, false), (file.Kind, file.Length, file.LastModified, file.Version.IsNone));
        Assert.Equal((FileKind.Directory, 0L, FileVersion.None), (directory.Kind, directory.Length, directory.Version));
        Assert.Equal(FileKind.Directory, root.Kind);
    }

    [Fact]
    public async Task Stat_NothingThere_NotFound()
    {
        _fixture.Write("file", "x"u8);
        Assert.Equal(UfsStatus.NotFound, await _fixture.StatusAsync("no"));
        Assert.Equal(UfsStatus.NotFound, await _fixture.StatusAsync("no/deeper"));
        Assert.Equal(UfsStatus.NotFound, await _fixture.StatusAsync("file/below-a-file"));
        UfsStatResult missingRoot = await new LocalUfs(_fixture.Path("gone")).StatAsync(string.Empty, CancellationToken.None);
        Assert.Equal(UfsStatus.NotFound, missingRoot.Status);
        Assert.Contains(_fixture.Path("gone"), missingRoot.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_AnyRange_GivesTheBytes()
    {
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)(i * 31))];
        _fixture.Write("f", content);
        FileVersion version = (await _fixture.StatAsync("f")).Version;
        foreach ((int offset, int length) in new[] { (0, 100_000), (1, 5), (99_990, 100), (100_000, 10), (200_000, 10), (0, 0) })
        {
            byte[] buffer = new byte[length];
            UfsReadResult result = await _fixture.Ufs.ReadAsync("f", version, offset, buffer, CancellationToken.None);
            byte[] expected = [.. content.Skip(offset).Take(length)];
            Assert.Equal((UfsStatus.Ok, expected.Length), (result.Status, result.Bytes));
            Assert.Equal(expected, buffer[..result.Bytes]);
        }
    }

    [Fact]
    public async Task Read_AfterChange_VersionChanged()
    {
        _fixture.Write("f", "old content"u8);
        FileVersion version = (await _fixture.StatAsync("f")).Version;
        _fixture.Write("f", "new content, longer"u8);
        UfsReadResult result = await _fixture.Ufs.ReadAsync("f", version, 0, new byte[4], CancellationToken.None);
        Assert.Equal(UfsStatus.VersionChanged, result.Status);
        Assert.Contains("open it again", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_GoneOrDirectory_SaysSo()
    {
        _fixture.Write("d/f", "x"u8);
        FileVersion version = (await _fixture.StatAsync("d/f")).Version;
        File.Delete(_fixture.Path("d/f"));
        Assert.Equal(UfsStatus.NotFound, (await _fixture.Ufs.ReadAsync("d/f", version, 0, new byte[1], CancellationToken.None)).Status);
        Assert.Equal(UfsStatus.IsDirectory, (await _fixture.Ufs.ReadAsync("d", version, 0, new byte[1], CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Read_RewrittenWithinATickOfTheClock_GivesTheLastBytesOfTheVersionOrNone()
    {
        _fixture.Write("f", "first"u8);
        var time = new ManualTimeProvider(new DateTimeOffset(File.GetLastWriteTimeUtc(_fixture.Path("f"))).AddMilliseconds(5));
        var ufs = new LocalUfs(_fixture.Path(string.Empty), time);
        UfsStat stat = await _fixture.StatAsync("f");
        byte[] buffer = new byte[5];
        Task<UfsReadResult> read = ufs.ReadAsync("f", stat.Version, 0, buffer, CancellationToken.None).AsTask();
        await Eventually.Async(() => time.Timers == 1 || read.IsCompleted, "the read to wait");
        _fixture.Write("f", "later"u8);
        bool isSameTick = stat == await _fixture.StatAsync("f");

        time.Advance(TimeSpan.FromMilliseconds(20));

        // No program can set the time of change: whether both writes fall into one tick is the kernel's to say.
        Assert.Equal(isSameTick ? UfsStatus.Ok : UfsStatus.VersionChanged, (await read.WaitAsync(TimeSpan.FromSeconds(30))).Status);
        Assert.True(!isSameTick || buffer.AsSpan().SequenceEqual("later"u8));
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Read_AfterPermissionsChanged_IsOfAnotherVersion()
    {
        _fixture.Write("f", "content"u8);
        FileVersion before = (await _fixture.StatAsync("f")).Version;
        byte[] buffer = new byte[7];
        Assert.Equal(UfsStatus.Ok, (await _fixture.Ufs.ReadAsync("f", before, 0, buffer, CancellationToken.None)).Status);
        File.SetUnixFileMode(_fixture.Path("f"), UnixFileMode.UserRead);

        Assert.Equal(UfsStatus.VersionChanged, (await _fixture.Ufs.ReadAsync("f", before, 0, buffer, CancellationToken.None)).Status);
        FileVersion after = (await _fixture.StatAsync("f")).Version;
        Assert.Equal(UfsStatus.Ok, (await _fixture.Ufs.ReadAsync("f", after, 0, buffer, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Read_AnotherFileOfTheSameLengthAndTimeMovedOverIt_IsNotMixedIn()
    {
        var modified = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        WriteAt("f", [.. Enumerable.Repeat((byte)'a', 4096)], modified);
        WriteAt("g", [.. Enumerable.Repeat((byte)'b', 4096)], modified);
        FileVersion before = (await _fixture.StatAsync("f")).Version;
        byte[] buffer = new byte[4096];
        Assert.Equal(UfsStatus.Ok, (await _fixture.Ufs.ReadAsync("f", before, 0, buffer.AsMemory(0, 2048), CancellationToken.None)).Status);
        File.Move(_fixture.Path("g"), _fixture.Path("f"), overwrite: true);

        UfsReadResult rest = await _fixture.Ufs.ReadAsync("f", before, 2048, buffer.AsMemory(2048), CancellationToken.None);
        Assert.Equal(UfsStatus.VersionChanged, rest.Status);
        UfsStatResult now = await _fixture.Ufs.StatIfChangedAsync("f", before, CancellationToken.None);
        Assert.Equal((UfsStatus.Ok, 4096L, modified), (now.Status, now.Stat.Length, now.Stat.LastModified.UtcDateTime));
        Assert.NotEqual(before, now.Stat.Version);
        Assert.Equal(UfsStatus.Ok, (await _fixture.Ufs.ReadAsync("f", now.Stat.Version, 0, buffer, CancellationToken.None)).Status);
        Assert.Equal(-1, buffer.AsSpan().IndexOfAnyExcept((byte)'b'));

        void WriteAt(string name, byte[] content, DateTime time)
        {
            _fixture.Write(name, content);
            File.SetLastWriteTimeUtc(_fixture.Path(name), time);
        }
    }

    [Fact]
    public async Task Read_WhileAnotherRewrites_NeverMixesVersions()
    {
        const int Length = 4 * 1024 * 1024;
        byte[] ones = [.. Enumerable.Repeat((byte)1, Length)];
        byte[] twos = [.. Enumerable.Repeat((byte)2, Length + 1)];
        _fixture.Write("f", ones);
        byte[] buffer = new byte[Length + 1];
        for (int round = 0; round < 30; round++)
        {
            UfsStat stat = await _fixture.StatAsync("f");
            Task rewrite = Task.Run(() => _fixture.Write("f", stat.Length == Length ? twos : ones));
            UfsReadResult result = await _fixture.Ufs.ReadAsync("f", stat.Version, 0, buffer, CancellationToken.None);
            await rewrite;
            if (result.Status == UfsStatus.Ok)
            {
                Assert.Equal(stat.Length, result.Bytes);
                Assert.Equal(-1, buffer.AsSpan(0, result.Bytes).IndexOfAnyExcept(stat.Length == Length ? (byte)1 : (byte)2));
            }
            else
            {
                Assert.Equal(UfsStatus.VersionChanged, result.Status);
            }
        }
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public void Read_WithoutPermission_Denied()
    {
        _fixture.Write("f", "x"u8);
        _fixture.Write("closed/g", "x"u8);
        File.SetUnixFileMode(_fixture.Top, Open755);
        File.SetUnixFileMode(_fixture.Path("f"), UnixFileMode.None);
        File.SetUnixFileMode(_fixture.Path("closed"), UnixFileMode.None);
        var root = new LocalRoot(_fixture.Path(string.Empty));
        var blocking = new LocalDirectory(root);
        var listing = new LocalListing(root, new ListingRuns());
        UfsStatResult stat = LocalUfsFixture.WithoutPrivilege(() => blocking.Stat("f"));
        UfsReadResult read = LocalUfsFixture.WithoutPrivilege(() => blocking.Read("f", stat.Stat.Version, 0, new byte[1], DateTimeOffset.MaxValue)!.Value);
        UfsStatResult below = LocalUfsFixture.WithoutPrivilege(() => blocking.Stat("closed/g"));
        UfsListResult list = LocalUfsFixture.WithoutPrivilege(() => listing.List("closed", null, 10));
        File.SetUnixFileMode(_fixture.Path("closed"), Open755);

        Assert.Equal(UfsStatus.Ok, stat.Status);
        Assert.Equal(UfsStatus.Denied, read.Status);
        Assert.Equal(UfsStatus.Denied, below.Status);
        Assert.Equal(UfsStatus.Denied, list.Status);
        Assert.Contains(_fixture.Path("f"), read.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(10)]
    [InlineData(29)]
    [InlineData(1000)]
    public async Task List_Pages_InOrdinalOrderWithoutGapOrRepeat(int runLength)
    {
        string[] names = [.. Enumerable.Range(0, 25).Select(static i => $"n{i}"), "B", "a", "é", "Z"];
        foreach (string name in names)
        {
            _fixture.Write("d/" + name, Encoding.UTF8.GetBytes(name));
        }

        (List<string> seen, int pages) = await ListAsync(_fixture.WithRuns(new ListingRuns(runLength)), null);

        Assert.Equal(names.Order(StringComparer.Ordinal), seen);
        Assert.InRange(pages, 5, 6);
    }

    [Fact]
    public async Task List_LargeDirectory_IsLookedAtOnceARunAndEachListingHasItsOwn()
    {
        for (int i = 10; i < 30; i++)
        {
            _fixture.Write($"d/n{i}", "x"u8);
        }

        LocalUfs store = _fixture.WithRuns(new ListingRuns(15));
        UfsListResult first = await store.ListAsync("d", null, 7, CancellationToken.None);
        _fixture.Write("d/n20-new", "x"u8);
        File.Delete(_fixture.Path("d/n21"));

        // What this listing looks at was found before; what is gone since is left out, and the next run sees what came.
        Assert.Equal(["n17", "n18", "n19", "n20", "n22", "n23", "n24", "n25", "n26", "n27", "n28", "n29"], (await ListAsync(store, first.Continuation)).Names);
        Assert.Contains("n20-new", (await ListAsync(store, null)).Names);
    }

    [Fact]
    public async Task List_RunPushedOutByOthers_GoesOnAllTheSame()
    {
        for (int i = 10; i < 30; i++)
        {
            _fixture.Write($"d/n{i}", "x"u8);
        }

        LocalUfs store = _fixture.WithRuns(new ListingRuns(15));
        UfsListResult first = await store.ListAsync("d", null, 7, CancellationToken.None);
        for (int other = 0; other < 10; other++)
        {
            await store.ListAsync("d", null, 7, CancellationToken.None);
        }

        Assert.Equal(Enumerable.Range(17, 13).Select(static i => $"n{i}"), (await ListAsync(store, first.Continuation)).Names);
        Assert.Equal(20, (await ListAsync(store, "m")).Names.Count); // no continuation of ours: a name to start after
        Assert.Equal(20, (await ListAsync(store, "1/")).Names.Count);
    }

    private static async Task<(List<string> Names, int Pages)> ListAsync(LocalUfs store, string? continuation)
    {
        var seen = new List<string>();
        int pages = 0;
        do
        {
            UfsListResult page = await store.ListAsync("d", continuation, 7, CancellationToken.None);
            Assert.Equal(UfsStatus.Ok, page.Status);
            Assert.InRange(page.Entries.Count, 1, 7);
            seen.AddRange(page.Entries.Select(static e => e.Name));
            continuation = page.Continuation;
            pages++;
        }
        while (continuation is not null);

        return (seen, pages);
    }

    [Fact]
    public async Task StatIfChanged_FollowsTheVersion()
    {
        _fixture.Write("f", "x"u8);
        FileVersion version = (await _fixture.StatAsync("f")).Version;
        Assert.True(_fixture.Ufs.Capabilities.HasFlag(UfsCapabilities.ConditionalStat));
        Assert.Equal(UfsStatus.NotModified, (await _fixture.Ufs.StatIfChangedAsync("f", version, CancellationToken.None)).Status);

        _fixture.Write("f", "xy"u8);
        UfsStatResult changed = await _fixture.Ufs.StatIfChangedAsync("f", version, CancellationToken.None);
        Assert.Equal((UfsStatus.Ok, 2L), (changed.Status, changed.Stat.Length));

        File.Delete(_fixture.Path("f"));
        Assert.Equal(UfsStatus.NotFound, (await _fixture.Ufs.StatIfChangedAsync("f", version, CancellationToken.None)).Status);
        Directory.CreateDirectory(_fixture.Path("f"));
        Assert.Equal(FileKind.Directory, (await _fixture.Ufs.StatIfChangedAsync("f", version, CancellationToken.None)).Stat.Kind);
    }

    [Fact]
    public async Task List_FileOrNothing_SaysSo()
    {
        _fixture.Write("f", "x"u8);
        Assert.Equal(UfsStatus.NotDirectory, (await _fixture.Ufs.ListAsync("f", null, 1, CancellationToken.None)).Status);
        Assert.Equal(UfsStatus.NotFound, (await _fixture.Ufs.ListAsync("no", null, 1, CancellationToken.None)).Status);
    }

    [Fact]
    public async Task Create_NewAndExisting_ReplacesWhole()
    {
        foreach (string content in new[] { "first", "the second" })
        {
            using var stream = new MemoryStream(Encoding.UTF8.GetBytes(content));
            Assert.Equal(UfsStatus.Ok, await _fixture.Ufs.CreateAsync("x/y/z", stream, CancellationToken.None));
            Assert.Equal(content, File.ReadAllText(_fixture.Path("x/y/z")));
        }

        Assert.Equal(["z"], Directory.GetFiles(_fixture.Path("x/y")).Select(Path.GetFileName));
        Assert.Equal(UfsStatus.IsDirectory, await _fixture.Ufs.CreateAsync("x/y", Stream.Null, CancellationToken.None));
        Assert.Equal(UfsStatus.NotDirectory, await _fixture.Ufs.CreateAsync("x/y/z/w", Stream.Null, CancellationToken.None));
    }

    [Fact]
    public async Task Create_StreamFails_LeavesOldContentAndNoPartialFile()
    {
        _fixture.Write("f", "old"u8);
        using var broken = new FailingStream();
        await Assert.ThrowsAsync<InvalidDataException>(async () => await _fixture.Ufs.CreateAsync("f", broken, CancellationToken.None));
        Assert.Equal("old", File.ReadAllText(_fixture.Path("f")));
        Assert.Equal(["f"], Directory.GetFiles(_fixture.Path(string.Empty)).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Delete_FileEmptyAndFullDirectory_OnlyWhatIsEmptyGoes()
    {
        _fixture.Write("d/f", "x"u8);
        Assert.Equal(UfsStatus.NotDirectory, await _fixture.Ufs.DeleteAsync("d", CancellationToken.None));
        Assert.Equal(UfsStatus.Ok, await _fixture.Ufs.DeleteAsync("d/f", CancellationToken.None));
        Assert.Equal(UfsStatus.NotFound, await _fixture.Ufs.DeleteAsync("d/f", CancellationToken.None));
        Assert.Equal(UfsStatus.Ok, await _fixture.Ufs.DeleteAsync("d", CancellationToken.None));
        Assert.Equal(UfsStatus.Denied, await _fixture.Ufs.DeleteAsync(string.Empty, CancellationToken.None));
    }

    private sealed class FailingStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromException<int>(new InvalidDataException("the caller's stream broke"));
    }
}
