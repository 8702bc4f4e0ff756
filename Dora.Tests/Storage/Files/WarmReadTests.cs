using static Dora.Tests.Storage.Files.FileFixture;

namespace Dora.Tests.Storage.Files;

/// <summary>Reads that never wait.</summary>
public sealed class WarmReadTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _fixture.IdleAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task TryReadWarm_NotAllCached_SaysNoAndAsksNobody()
    {
        FileMetadata file = _fixture.Write("f", 4 * Page, out byte[] content);
        byte[] buffer = new byte[Page];
        Assert.False(_fixture.Reader.TryReadWarm(file, new ByteRange(0, 100), buffer));
        Assert.Empty(_fixture.Faults.Reads);

        await _fixture.ReadCheckedAsync(file, content, 0, 100);
        Assert.False(_fixture.Reader.TryReadWarm(file, new ByteRange(Grid - 10, 20), buffer));
    }

    [Fact]
    public async Task TryReadWarm_JustStored_GivesTheBytesOrSaysNo()
    {
        FileMetadata file = _fixture.Write("f", 3 * Page, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, 0, content.Length);
        byte[] buffer = new byte[content.Length];
        var random = new Random(5);
        for (int i = 0; i < 200; i++)
        {
            int from = random.Next(content.Length), length = random.Next(content.Length - from);
            Array.Clear(buffer);

            // No is right too: for what lies in two records, and where the file system cannot read without waiting.
            Assert.True(
                !_fixture.Reader.TryReadWarm(file, new ByteRange(from, length), buffer) || buffer.AsSpan(0, length).SequenceEqual(content.AsSpan(from, length)),
                $"[{from},{from + length})");
        }
    }

    [Fact]
    public async Task Changes_ForgottenOrLearnedAnew_Grow()
    {
        FileMetadata file = _fixture.Write("a", 10, out _);
        long before = _fixture.Catalog.Changes;
        await _fixture.Catalog.GetAsync(_fixture.Path("a"), refresh: false, default);
        long first = _fixture.Catalog.Changes;
        await _fixture.Catalog.GetAsync(_fixture.Path("a"), refresh: false, default);
        long same = _fixture.Catalog.Changes;
        _fixture.Catalog.Forget(file.Id);

        Assert.True(before < first);
        Assert.Equal(first, same);
        Assert.True(same < _fixture.Catalog.Changes);
    }
}
