using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Storage.Ufs;

/// <summary>What every kind of directory entry becomes: a listing gives it, or says why not.</summary>
public sealed class LocalEntriesTests : IDisposable
{
    private readonly LocalUfsFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task List_WhatHasNoPlaceInDora_IsToldByReasonWithItsNames()
    {
        _fixture.Write("good", "x"u8);
        _fixture.WriteRawName(0xFF, 0xFE, (byte)'x');
        _fixture.WriteRawName((byte)'\\', 0xC3);
        _fixture.MakeFifo("fifo");
        _fixture.MakeSocket("socket");
        _fixture.Link("out", _fixture.Outside);
        _fixture.Link("null", "/dev/null");
        _fixture.Link("loop", "loop");
        _fixture.Link("dangling", "nothing");
        _fixture.Link("below a file", "good/x");
        _fixture.Link("to the fifo", "fifo");
        _fixture.Write(LocalListing.PartialPrefix + "1", "x"u8);

        UfsListResult page = await _fixture.Ufs.ListAsync(string.Empty, null, 100, CancellationToken.None);
        _fixture.RemoveRawName(0xFF, 0xFE, (byte)'x');
        _fixture.RemoveRawName((byte)'\\', 0xC3);

        Assert.Equal(["good"], page.Entries.Select(static e => e.Name));
        Assert.Equal(
            [
                (SkipReason.InvalidName, 2, @"\\\xC3 \xFF\xFEx"),
                (SkipReason.BrokenLink, 3, "below a file dangling loop"),
                (SkipReason.OutsideLink, 2, "null out"),
                (SkipReason.Fifo, 2, "fifo to the fifo"),
                (SkipReason.Socket, 1, "socket"),
                (SkipReason.Unfinished, 1, LocalListing.PartialPrefix + "1"),
            ],
            page.Skipped.Select(static s => (s.Reason, s.Count, string.Join(' ', s.Names.Order(StringComparer.Ordinal)))));
        Assert.Null(page.Continuation);
    }

    [Fact]
    public async Task List_ManyLeftOut_AllAreCountedAndAFewNamed()
    {
        for (int i = 100; i < 125; i++)
        {
            _fixture.Link($"l{i}", "nothing");
        }

        List<SkippedEntries> skipped = [];
        string? continuation = null;
        do
        {
            UfsListResult page = await _fixture.Ufs.ListAsync(string.Empty, continuation, 20, CancellationToken.None);
            skipped.AddRange(page.Skipped);
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal([(20, "l100", 10), (5, "l120", 5)], skipped.Select(static s => ((int)s.Count, s.Names[0], s.Names.Count)));
    }

    [Fact]
    public async Task List_Devices_AreLeftOut()
    {
        UfsListResult page = await new LocalUfs("/dev").ListAsync(string.Empty, null, 10_000, CancellationToken.None);

        Assert.DoesNotContain(page.Entries, static e => e.Name is "null" or "zero");
        Assert.InRange(Assert.Single(page.Skipped, static s => s.Reason == SkipReason.Device).Count, 2, 10_000);
        UfsStatResult stat = await new LocalUfs("/dev").StatAsync("null", CancellationToken.None);
        Assert.Equal(UfsStatus.NotSupported, stat.Status);
        Assert.Contains("'/dev/null' is a character device", stat.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stat_Socket_SaysThatItIsOne()
    {
        _fixture.MakeSocket("s");

        UfsStatResult stat = await _fixture.Ufs.StatAsync("s", CancellationToken.None);

        Assert.Equal(UfsStatus.NotSupported, stat.Status);
        Assert.Contains("is a socket", stat.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Directories_HaveTheIdentityOfWhereverTheyAreReachedFrom()
    {
        _fixture.Write("d/below/f", "x"u8);
        _fixture.Link("link", "d");
        _fixture.Link("d/up", ".");
        UfsListResult top = await ListAsync(string.Empty), below = await ListAsync("d");

        UfsEntry directory = Entry(top, "d"), link = Entry(top, "link"), up = Entry(below, "up");
        Assert.Equal([false, true, true], [directory.IsLink, link.IsLink, up.IsLink]);
        Assert.NotEqual(UInt128.Zero, directory.DirectoryId);
        Assert.Equal([directory.DirectoryId, directory.DirectoryId], [link.DirectoryId, up.DirectoryId]);
        Assert.Equal([directory.DirectoryId, directory.DirectoryId], [below.DirectoryId, (await ListAsync("link")).DirectoryId]);
        Assert.Equal(4, new HashSet<UInt128> { top.DirectoryId, directory.DirectoryId, Entry(below, "below").DirectoryId, 0 }.Count);
        UfsEntry file = Entry(await ListAsync("d/below"), "f");
        Assert.Equal((UInt128.Zero, false), (file.DirectoryId, file.IsLink));
    }

    [Fact]
    public async Task List_LinkToAFile_IsTheFileAndALink()
    {
        _fixture.Write("f", "content"u8);
        _fixture.Link("link", "f");

        UfsEntry link = Entry(await ListAsync(string.Empty), "link");

        Assert.Equal((FileKind.File, 7L, true, UInt128.Zero), (link.Stat.Kind, link.Stat.Length, link.IsLink, link.DirectoryId));
    }

    [Theory]
    [InlineData("/proc/sys/kernel", "hostname", "procfs")]
    [InlineData("/proc/self", "status", "procfs")]
    [InlineData("/sys/kernel", "uevent_seqnum", "sysfs")]
    public async Task PseudoFile_WhoseSizeSaysNothing_IsRefusedAndLeftOut(string directory, string name, string kind)
    {
        var ufs = new LocalUfs(directory);

        UfsStatResult stat = await ufs.StatAsync(name, CancellationToken.None);
        UfsReadResult read = await ufs.ReadAsync(name, FileVersion.None, 0, new byte[1], CancellationToken.None);
        UfsListResult page = await ufs.ListAsync(string.Empty, null, 10_000, CancellationToken.None);

        Assert.Equal([UfsStatus.NotSupported, UfsStatus.NotSupported], [stat.Status, read.Status]);
        Assert.Contains($"'{directory}/{name}' is a pseudo file of the kernel ({kind})", stat.Error, StringComparison.Ordinal);
        Assert.Equal(stat.Error, read.Error);
        Assert.DoesNotContain(page.Entries, static e => e.Stat.Kind == FileKind.File);
        Assert.InRange(Assert.Single(page.Skipped, static s => s.Reason == SkipReason.PseudoFile).Count, 1, 10_000);
    }

    [Fact]
    public async Task FilesWithoutBlocks_OfOrdinaryFileSystems_AreServed()
    {
        using var memory = new ShmDirectory();
        foreach (string directory in (string[])[_fixture.Path(string.Empty), memory.Path])
        {
            await File.WriteAllBytesAsync(Path.Combine(directory, "empty"), []);
            await using (FileStream sparse = File.Create(Path.Combine(directory, "sparse")))
            {
                sparse.SetLength(1 << 20);
            }

            var ufs = new LocalUfs(directory);
            UfsListResult page = await ufs.ListAsync(string.Empty, null, 10, CancellationToken.None);
            byte[] buffer = [1, 2, 3];
            UfsReadResult read = await ufs.ReadAsync("sparse", Entry(page, "sparse").Stat.Version, 1000, buffer, CancellationToken.None);

            Assert.Equal([("empty", 0L), ("sparse", 1L << 20)], page.Entries.Select(static e => (e.Name, e.Stat.Length)));
            Assert.Empty(page.Skipped);
            Assert.Equal((UfsStatus.Ok, 3, "\0\0\0"), (read.Status, read.Bytes, System.Text.Encoding.ASCII.GetString(buffer)));
        }
    }

    [Fact]
    public void Read_EndsBeforeItsSizeAndDidNotChange_IsShortAndNotChanged()
    {
        const string Path = "/sys/kernel/uevent_seqnum"; // says 4096 bytes and gives a few
        using SafeFileHandle file = File.OpenHandle(Path);
        Assert.Equal(0, LinuxFile.Stat(file, out LinuxStat stat));
        var directory = new LocalDirectory(new LocalRoot("/sys/kernel"));

        UfsReadResult read = directory.ReadOpen(file, "uevent_seqnum", stat, 0, new byte[4096]);

        Assert.Equal((UfsStatus.Short, DoraErrorCode.NotSupported), (read.Status, read.Status.ToErrorCode()));
        Assert.Contains($"'{Path}' ends after", read.Error, StringComparison.Ordinal);
        Assert.Contains("4096", read.Error, StringComparison.Ordinal);
        Assert.Equal(UfsStatus.VersionChanged, directory.ReadOpen(file, "uevent_seqnum", stat with { Inode = 1 }, 0, new byte[4096]).Status);
    }

    private static UfsEntry Entry(UfsListResult page, string name) => Assert.Single(page.Entries, e => e.Name == name);

    private async Task<UfsListResult> ListAsync(string path)
    {
        UfsListResult page = await _fixture.Ufs.ListAsync(path, null, 100, CancellationToken.None);
        Assert.Equal(UfsStatus.Ok, page.Status);
        return page;
    }

    /// <summary>A directory in memory (tmpfs).</summary>
    private sealed class ShmDirectory : IDisposable
    {
        public string Path { get; } = Directory.CreateDirectory($"/dev/shm/dora-test-{Guid.NewGuid():N}").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
