using Dora.Client;

namespace Dora.Tests.Client;

/// <summary>A file that changes while a worker's metadata of it is fresh: read again where nobody has a byte of it, an error where somebody has.</summary>
public sealed class ChangedFileTests
{
    private const string Path = "/data/f";
    private const string Stored = $"{FakeCluster.Root}/f";

    public static TheoryData<string> FirstReads => ["read", "ranges", "stream", "copy", "copy in step", "read all", "file", "batch"];

    [Theory]
    [MemberData(nameof(FirstReads))]
    public async Task FirstRead_FileChangedSinceItsStat_GivesTheNewContent(string how)
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put(Stored, 500_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync(Path);
        byte[] content = cluster.Store.Put(Stored, 700_000, seed: 2);

        byte[] read = await ReadAsync(how, dora, file, content.Length);

        Assert.True(read.AsSpan().SequenceEqual(content), $"{read.Length} bytes came, not the {content.Length} of the new content");
    }

    [Theory]
    [InlineData("length")]
    [InlineData("version")]
    [InlineData("stat")]
    [InlineData("stream's length")]
    public async Task FirstRead_SomethingOfTheFileWasTold_SaysThatItChanged(string told)
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put(Stored, 5000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync(Path);
        await using Stream stream = file.AsStream();
        _ = told switch { "length" => file.Length, "version" => (long)file.Version.Value, "stat" => file.Stat.Length, _ => stream.Length };
        cluster.Store.Put(Stored, 9000, seed: 2);

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => stream.ReadAsync(new byte[10]).AsTask());

        Assert.Equal(DoraErrorCode.VersionChanged, error.Code);
        Assert.Contains("open it again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondRead_FileChangedSinceTheFirst_SaysSo_WhoeverReads()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put(Stored, 1_000_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync(Path);
        byte[] first = new byte[1000];
        await file.ReadAsync(0, first);
        cluster.Store.Put(Stored, 1_000_000, seed: 2);

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => file.ReadAsync(600_000, new byte[1000]).AsTask());
        DoraException copy = await Assert.ThrowsAsync<DoraException>(() => file.AsStream().CopyToAsync(Stream.Null));

        Assert.True(first.AsSpan().SequenceEqual(content.AsSpan(0, first.Length)));
        Assert.Equal((DoraErrorCode.VersionChanged, DoraErrorCode.VersionChanged), (error.Code, copy.Code));
    }

    [Fact]
    public async Task ReadsAtTheSameTime_OneVersionIsGivenOut()
    {
        await using var cluster = new FakeCluster(1);
        byte[][] contents = [cluster.Store.Put(Stored, 1_000_000), []];
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Hedging = new() { Share = 0 } });
        FakeWorker worker = cluster.OwnersOf("f")[0];
        int reads = 0;
        worker.Reader.BeforeRead = _ =>
        {
            if (Interlocked.Increment(ref reads) == 3)
            {
                contents[1] = cluster.Store.Put(Stored, 1_000_000, seed: 2);
            }

            return Task.CompletedTask;
        };
        await using DoraFile file = await dora.OpenReadAsync(Path);

        List<int> seen = [];
        List<Exception> failed = [];
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            byte[] buffer = new byte[10_000];
            try
            {
                await file.ReadAsync(i * 100_000, buffer);
                int version = Array.FindIndex(contents, c => c.Length > 0 && c.AsSpan(i * 100_000, buffer.Length).SequenceEqual(buffer));
                lock (seen)
                {
                    seen.Add(version);
                }
            }
            catch (DoraException e) when (e.Code == DoraErrorCode.VersionChanged)
            {
                lock (seen)
                {
                    failed.Add(e);
                }
            }
        }));

        Assert.NotEmpty(seen);
        Assert.Single(seen.Distinct());
        Assert.Equal(8, seen.Count + failed.Count);
    }

    [Theory]
    [InlineData("read all")]
    [InlineData("file")]
    [InlineData("batch")]
    public async Task WholeFile_ChangesBetweenItsParts_IsReadOnceMore(string how)
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put(Stored, 3_000_000);
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Hedging = new() { Share = 0 } });
        byte[] content = [];
        FakeWorker worker = cluster.OwnersOf("f")[0];
        int reads = 0;
        worker.Reader.BeforeRead = _ =>
        {
            content = Interlocked.Increment(ref reads) == 2 ? cluster.Store.Put(Stored, 3_000_001, seed: 2) : content;
            return Task.CompletedTask;
        };

        byte[] read = await ReadAsync(how, dora, null!, 3_000_001);

        Assert.True(read.AsSpan().SequenceEqual(content));
    }

    [Theory]
    [MemberData(nameof(FirstReads))]
    public async Task FileThatChangesAllTheTime_EndsInOneLine(string how)
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put(Stored, 5000);
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions { Hedging = new() { Share = 0 } });
        await using DoraFile file = await dora.OpenReadAsync(Path);
        int seed = 1;
        cluster.OwnersOf("f")[0].Reader.BeforeRead = _ =>
        {
            int next = Interlocked.Increment(ref seed);
            cluster.Store.Put(Stored, 5000 + next, next);
            return Task.CompletedTask;
        };

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => ReadAsync(how, dora, file, 5000));

        Assert.Equal(DoraErrorCode.VersionChanged, error.Code);
        Assert.Contains("writes to it all the time", error.Message, StringComparison.Ordinal);
        Assert.InRange(seed, 2, 8);
    }

    private static async Task<byte[]> ReadAsync(string how, DoraClient dora, DoraFile file, int length)
    {
        byte[] all = new byte[length];
        using var copy = new MemoryStream();
        switch (how)
        {
            case "read":
                return all[..await file.ReadAsync(0, all)];
            case "ranges":
                int half = length / 2;
                int[] counts = await file.ReadAsync([new FileRange(0, all.AsMemory(0, half)), new FileRange(half, all.AsMemory(half))]);
                return all[..counts.Sum()];
            case "stream":
                return all[..await file.AsStream().ReadAtLeastAsync(all, length, throwOnEndOfStream: false)];
            case "copy":
                await file.AsStream().CopyToAsync(copy);
                return copy.ToArray();
            case "copy in step":
                await Task.Run(() => file.AsStream().CopyTo(copy));
                return copy.ToArray();
            case "read all":
                return await dora.ReadAllBytesAsync(Path);
            case "file":
                return all[..(int)await dora.ReadFileAsync(Path, all)];
            default:
                await foreach (FileContent content in dora.ReadFilesAsync([Path]))
                {
                    using (content)
                    {
                        return content.Bytes.ToArray();
                    }
                }

                return [];
        }
    }
}
