using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;

namespace Dora.Tests.Storage.Ufs;

public sealed class LocalUfsEscapeTests : IDisposable
{
    private readonly LocalUfsFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("..")]
    [InlineData("../outside/secret")]
    [InlineData("a/../../outside/secret")]
    [InlineData("/etc/passwd")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".")]
    [InlineData("a\0b")]
    [InlineData("a\uFFFDb")]
    public async Task Path_Malformed_InvalidNameEverywhere(string path)
    {
        _fixture.Write("a/b", "x"u8);
        await AssertInvalidAsync(path);
        Assert.Equal(UfsStatus.InvalidName, await _fixture.Ufs.CreateAsync(path, Stream.Null, CancellationToken.None));
        Assert.Equal(UfsStatus.InvalidName, await _fixture.Ufs.DeleteAsync(path, CancellationToken.None));
    }

    [Fact]
    public async Task Path_TooLongOrNoUnicode_InvalidName()
    {
        await AssertInvalidAsync(new string('n', 256));
        await AssertInvalidAsync(new string('é', 128));
        await AssertInvalidAsync(string.Join('/', Enumerable.Repeat("segment", 600)));
        await AssertInvalidAsync("half a surrogate " + '\uD800');
        Assert.Equal(UfsStatus.NotFound, await _fixture.StatusAsync(new string('n', 255)));
    }

    [Fact]
    public async Task Link_ToOutside_IsNotFollowed()
    {
        _fixture.Link("dir", _fixture.Outside);
        _fixture.Link("file", Path.Combine(_fixture.Outside, "secret"));
        _fixture.Link("up", "../outside");
        _fixture.Link("proc", "/proc/self/cwd");
        foreach (string path in new[] { "dir", "dir/secret", "file", "up/secret", "proc" })
        {
            await AssertInvalidAsync(path);
        }

        Assert.Equal(UfsStatus.InvalidName, await _fixture.Ufs.CreateAsync("dir/new", Stream.Null, CancellationToken.None));
        Assert.Equal(UfsStatus.InvalidName, await _fixture.Ufs.DeleteAsync("dir/secret", CancellationToken.None));
        Assert.Equal(["secret"], Directory.GetFiles(_fixture.Outside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Link_ToSiblingWithTheRootAsPrefix_IsNotFollowed()
    {
        string sibling = _fixture.Path(string.Empty).TrimEnd('/') + "-other";
        Directory.CreateDirectory(sibling);
        _fixture.Link("link", sibling);
        await AssertInvalidAsync("link");
    }

    [Fact]
    public async Task Link_Inside_Works()
    {
        _fixture.Write("real/f", "inside"u8);
        _fixture.Link("relative", "real/f");
        _fixture.Link("absolute", _fixture.Path("real"));
        Assert.Equal(6, (await _fixture.StatAsync("relative")).Length);
        UfsStat stat = await _fixture.StatAsync("absolute/f");
        byte[] buffer = new byte[6];
        await _fixture.Ufs.ReadAsync("absolute/f", stat.Version, 0, buffer, CancellationToken.None);
        Assert.Equal("inside"u8.ToArray(), buffer);
    }

    [Fact]
    public async Task Delete_Link_RemovesTheLinkOnly()
    {
        _fixture.Link("link", Path.Combine(_fixture.Outside, "secret"));
        Assert.Equal(UfsStatus.Ok, await _fixture.Ufs.DeleteAsync("link", CancellationToken.None));
        Assert.True(File.Exists(Path.Combine(_fixture.Outside, "secret")));
    }

    [Fact]
    public async Task FifoAndDevice_AreNoFilesAndDoNotBlock()
    {
        _fixture.MakeFifo("fifo");
        _fixture.Link("null", "/dev/null");
        UfsStatResult stat = await _fixture.Ufs.StatAsync("fifo", CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(UfsStatus.NotSupported, stat.Status);
        Assert.Contains("is a FIFO", stat.Error, StringComparison.Ordinal);
        UfsReadResult read = await _fixture.Ufs.ReadAsync("fifo", FileVersion.None, 0, new byte[1], CancellationToken.None)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(UfsStatus.NotSupported, read.Status);
        await AssertInvalidAsync("null");
    }

    [Fact]
    public async Task Link_SwappedWhileRead_NeverShowsTheOutside()
    {
        _fixture.Write("real/secret", "inside"u8);
        _fixture.Link("link", "real");
        string secret = Path.Combine(_fixture.Outside, "secret");
        File.SetLastWriteTimeUtc(secret, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        FileVersion outside = (await new LocalUfs(_fixture.Outside).StatAsync("secret", CancellationToken.None)).Stat.Version;
        using var stop = new CancellationTokenSource();
        Task swapper = Task.Run(() =>
        {
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                _fixture.Relink("link", i % 2 == 0 ? _fixture.Outside : "real");
            }
        });
        byte[] buffer = new byte[6];
        var seen = new HashSet<UfsStatus>();
        for (int i = 0; i < 2000; i++)
        {
            // The reader knows the outside file's version: only its place can be the reason to refuse it.
            seen.Add((await _fixture.Ufs.ReadAsync("link/secret", outside, 0, buffer, CancellationToken.None)).Status);
        }

        stop.Cancel();
        await swapper.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal([UfsStatus.VersionChanged, UfsStatus.InvalidName], seen.Order());
    }

    private async Task AssertInvalidAsync(string path)
    {
        UfsStatResult stat = await _fixture.Ufs.StatAsync(path, CancellationToken.None);
        Assert.Equal(UfsStatus.InvalidName, stat.Status);
        Assert.False(string.IsNullOrEmpty(stat.Error));
        Assert.Equal(UfsStatus.InvalidName, (await _fixture.Ufs.ReadAsync(path, FileVersion.None, 0, new byte[1], CancellationToken.None)).Status);
        Assert.Equal(UfsStatus.InvalidName, (await _fixture.Ufs.ListAsync(path, null, 1, CancellationToken.None)).Status);
    }
}
