using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;

namespace Dora.Tests.Storage.Ufs;

/// <summary>Whole files in one look, while others write to them.</summary>
public sealed class LocalSnapshotTests : IDisposable
{
    private readonly LocalUfsFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task FileThatStandsStill_HasItsVersionAndBytes()
    {
        byte[] content = [.. Enumerable.Range(0, 100_000).Select(static i => (byte)(i * 31))];
        _fixture.Write("f", content);
        File.SetLastWriteTimeUtc(_fixture.Path("f"), DateTime.UtcNow.AddMinutes(-1));
        await Task.Delay(LocalDirectory.Settled * 2);
        byte[] buffer = new byte[200_000];

        UfsSnapshotResult result = await _fixture.Ufs.ReadWholeAsync("f", buffer, CancellationToken.None);

        Assert.Equal((UfsStatus.Ok, await _fixture.StatAsync("f")), (result.Status, result.Stat));
        Assert.Equal(content, buffer[..content.Length]);
    }

    [Fact]
    public async Task FileThatGrows_IsAPrefixOfItsLengthAtOpen_OfAVersionOfItsOwn()
    {
        _fixture.Write("log", []);
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            using var log = new FileStream(_fixture.Path("log"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            for (int line = 0; !stop.IsCancellationRequested && log.Length < 4_000_000; line++)
            {
                log.Write(System.Text.Encoding.ASCII.GetBytes($"{line:0000000}\n"));
                Thread.Yield();
            }
        });
        writer.Start();
        try
        {
            byte[] buffer = new byte[5_000_000];
            for (int i = 0; i < 50; i++)
            {
                UfsStat before = await _fixture.StatAsync("log");
                UfsSnapshotResult result = await _fixture.Ufs.ReadWholeAsync("log", buffer, CancellationToken.None);
                Assert.True(result.Status == UfsStatus.Ok, result.Error);
                Assert.True(result.Stat.Length >= before.Length);
                for (int at = 0; at + 8 <= result.Stat.Length; at += 8)
                {
                    Assert.True(int.Parse(System.Text.Encoding.ASCII.GetString(buffer, at, 7), System.Globalization.CultureInfo.InvariantCulture) == at / 8, $"wrong line at {at}");
                }

                // Found only when the writer wrote nothing since: then it is the version of the file, and the line is that of the moment too.
                byte[] line = new byte[8];
                UfsReadResult ranged = await _fixture.Ufs.ReadAsync("log", result.Stat.Version, 0, line, CancellationToken.None);
                Assert.True(ranged.Status == UfsStatus.VersionChanged || line.AsSpan(0, ranged.Bytes).SequenceEqual(buffer.AsSpan(0, ranged.Bytes)), "a ranged read found other bytes");
            }
        }
        finally
        {
            await stop.CancelAsync();
            writer.Join();
        }
    }

    [Fact]
    public async Task NoFile_OrTooLong_SaysSo()
    {
        _fixture.Write("d/f", "123456"u8);
        _fixture.MakeFifo("pipe");

        Assert.Equal(UfsStatus.VersionChanged, await StatusAsync("d/f"));
        Assert.Equal(UfsStatus.IsDirectory, await StatusAsync("d"));
        Assert.Equal(UfsStatus.NotSupported, await StatusAsync("pipe"));
        Assert.Equal(UfsStatus.NotFound, await StatusAsync("none"));
        Assert.Equal(UfsStatus.InvalidName, await StatusAsync("../outside"));

        async Task<UfsStatus> StatusAsync(string path)
        {
            UfsSnapshotResult result = await _fixture.Ufs.ReadWholeAsync(path, new byte[5], CancellationToken.None);
            Assert.True(result.Status == UfsStatus.NotFound || result.Error is not null);
            return result.Status;
        }
    }
}
