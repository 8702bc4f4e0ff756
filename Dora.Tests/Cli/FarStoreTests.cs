using Dora.Cli.Demo;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Cli;

/// <summary>The far store of the demo takes the time it says: 30 ms a request and 100 MB/s a stream.</summary>
public sealed class FarStoreTests : IDisposable
{
    private const int ReadBytes = 64 * 1024;

    private readonly TempDirectory _directory = new();

    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ReadPieces_EachTakesARequestAndItsBytes()
    {
        DemoFile file = Write("a/b", 200_000);
        var far = new FarStore(_directory.Path, "/demo", _time);

        Task<(double P50, double P99)> reading = far.ReadPiecesAsync([file, Write("small", 10)], CancellationToken.None);
        while (!reading.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMicroseconds(100));
            await Task.Yield();
        }

        (double p50, _) = await reading;
        Assert.True(p50 >= 30_000 + (ReadBytes / 100.0) - 0.1, $"a read took {p50} µs only");
    }

    [Fact]
    public async Task ReadPieces_NoFileThatLong_NoFigures() =>
        Assert.Equal((0, 0), await new FarStore(_directory.Path, "/demo", _time).ReadPiecesAsync([Write("small", 10)], CancellationToken.None));

    [Fact]
    public async Task ReadFiles_SourceBecameShorter_SaysSo()
    {
        DemoFile file = Write("a", 1000) with { Length = 2000 };

        DoraException error = await Assert.ThrowsAsync<DoraException>(
            () => new FarStore(_directory.Path, "/demo", TimeProvider.System).ReadFilesAsync([file], CancellationToken.None));

        Assert.Contains("/demo/a", error.Message, StringComparison.Ordinal);
    }

    private DemoFile Write(string name, int length)
    {
        string path = Path.Combine(_directory.Path, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, new byte[length]);
        return new DemoFile($"/demo/{name}", length, []);
    }
}
