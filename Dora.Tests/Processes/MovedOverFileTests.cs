using Dora.Cli;
using Dora.Client;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>
/// Another file of the same length and modification time is moved over one that is cached (<c>mv</c>, <c>cp -p</c>, <c>rsync -t</c>, tar do so): nobody is given the first half of one and the second of the
/// other, by the client or by a command, and not after a restart either.
/// </summary>
[Trait("Category", "Process")]
public sealed class MovedOverFileTests : IAsyncLifetime
{
    private const int Length = 4 << 20;

    private static readonly DateTime Modified = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);

    private readonly SmallCluster _cluster = new(workers: 1, pageCapacity: 64L << 20);

    private string File => Path.Combine(_cluster.Source, "f");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_cluster.Source);
        Write("f", 'a');
        await _cluster.StartAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Theory]
    [InlineData("validate-on-open")]
    [InlineData("max-age 1h")]
    [InlineData("immutable")]
    public async Task OpenFile_HalfRead_NeverGoesOnWithAnotherFile(string freshness)
    {
        await using DoraClient client = await _cluster.ConnectAsync();
        await client.Mounts.AddAsync("/m", _cluster.Source, freshness: freshness);
        await using DoraFile open = await client.OpenReadAsync("/m/f");
        byte[] half = new byte[Length / 2];
        Assert.Equal(half.Length, await open.ReadAsync(0, half));
        Assert.Equal(-1, half.AsSpan().IndexOfAnyExcept((byte)'a'));

        MoveOver('b');

        DoraException changed = await Assert.ThrowsAsync<DoraException>(async () => await open.ReadAsync(half.Length, half));
        Assert.Equal(DoraErrorCode.VersionChanged, changed.Code);
        byte[] whole = await client.ReadAllBytesAsync("/m/f");
        Assert.Equal((Length, -1), (whole.Length, whole.AsSpan().IndexOfAnyExcept((byte)'b')));
    }

    [Fact]
    public async Task Commands_ValidateOnOpen_GiveTheNewFileAtOnce()
    {
        await using DoraClient client = await _cluster.ConnectAsync();
        await client.Mounts.AddAsync("/m", _cluster.Source, freshness: "validate-on-open");
        await AssertCommandsGiveAsync('a');

        MoveOver('b');

        await AssertCommandsGiveAsync('b');
    }

    [Theory]
    [InlineData("validate-on-open")]
    [InlineData("immutable")]
    public async Task WorkerRestarted_HalfCachedAndMovedOverMeanwhile_IsNeverMixed(string freshness)
    {
        await using (DoraClient client = await _cluster.ConnectAsync())
        {
            await client.Mounts.AddAsync("/m", _cluster.Source, freshness: freshness);
            await using DoraFile open = await client.OpenReadAsync("/m/f");
            await open.ReadAsync(0, new byte[Length / 2]);
        }

        await _cluster.StopAsync();
        MoveOver('b');
        await _cluster.StartAsync();

        CommandLine first = await CatAsync();
        Assert.True(first.Code == ExitCode.Ok || freshness == "immutable", first.Error);
        Assert.True(first.Code != ExitCode.Ok || first.Output.AsSpan().IndexOfAnyExcept('b') < 0, "a mixture");
        CommandLine second = await CatAsync();
        Assert.Equal((ExitCode.Ok, Length, -1), (second.Code, second.Output.Length, second.Output.AsSpan().IndexOfAnyExcept('b')));
    }

    private async Task AssertCommandsGiveAsync(char content)
    {
        CommandLine cat = await CatAsync();
        Assert.Equal((ExitCode.Ok, Length, -1), (cat.Code, cat.Output.Length, cat.Output.AsSpan().IndexOfAnyExcept(content)));
        string target = _cluster.Aside($"got-{content}");
        CommandLine get = await CommandLine.RunAsync("get", "/m/f", target, "--data", _cluster.ClusterPath);
        Assert.True(get.Code == ExitCode.Ok, get.Error);
        Assert.Equal(-1, (await System.IO.File.ReadAllBytesAsync(target)).AsSpan().IndexOfAnyExcept((byte)content));
    }

    private Task<CommandLine> CatAsync() => CommandLine.RunAsync("cat", "/m/f", "--data", _cluster.ClusterPath);

    private void MoveOver(char content)
    {
        Write("next", content);
        System.IO.File.Move(Path.Combine(_cluster.Source, "next"), File, overwrite: true);
    }

    private void Write(string name, char content)
    {
        string path = Path.Combine(_cluster.Source, name);
        System.IO.File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)content, Length)]);
        System.IO.File.SetLastWriteTimeUtc(path, Modified);
    }
}
