using Dora.Storage.Files;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;

namespace Dora.Tests.Storage.Files;

/// <summary>What has not changed is not described, and not fetched, again: with a store that speaks ETags, over the catalog, the page store and the reader.</summary>
public sealed class ConditionalStatTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new(freshness: "validate-on-open");
    private readonly TaggedUfs _store = new(mostTags: 2);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Open_TagIsKnown_AsksIfNoneMatchAndKeepsThePages()
    {
        (FileCatalog catalog, FileReader reader) = Open();
        _store.Write("a", [1, 2, 3]);
        FileMetadata first = await ReadAsync(catalog, reader, "a", [1, 2, 3]);
        _fixture.Time.Advance(TimeSpan.FromHours(1));
        FileMetadata again = await ReadAsync(catalog, reader, "a", [1, 2, 3]);
        Assert.Equal(first with { LoadedAt = _fixture.Time.GetUtcNow() }, again);

        _store.Write("a", [1, 2, 3, 4]);
        FileMetadata changed = await ReadAsync(catalog, reader, "a", [1, 2, 3, 4]);
        Assert.NotEqual(first.Version, changed.Version);
        Assert.Equal(
            ["HEAD a: 200", "GET a", $"HEAD a If-None-Match {Tag([1, 2, 3])}: 304", $"HEAD a If-None-Match {Tag([1, 2, 3])}: 200", "GET a"],
            _store.Log);
        await reader.DisposeAsync();
    }

    [Fact]
    public async Task Open_TagWasForgotten_AsksWithoutConditionAndStillKeepsThePages()
    {
        (FileCatalog catalog, FileReader reader) = Open();
        foreach (byte name in "abc"u8.ToArray())
        {
            _store.Write(((char)name).ToString(), [name]);
            await ReadAsync(catalog, reader, ((char)name).ToString(), [name]);
        }

        _store.Log.Clear();
        FileMetadata again = await ReadAsync(catalog, reader, "a", "a"u8.ToArray());
        Assert.Equal(1, again.Length);
        Assert.Equal(["HEAD a: 200"], _store.Log);
        await reader.DisposeAsync();
    }

    private static string Tag(byte[] content) => $"\"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content))[..32]}\"";

    private (FileCatalog Catalog, FileReader Reader) Open()
    {
        var stores = new UfsProvider([new("memory", _ => _store)]);
        return (new FileCatalog(_fixture.Memory, _fixture.Pages, stores, new FileCatalogOptions(), _fixture.Time), _fixture.ReaderFrom(stores));
    }

    private async Task<FileMetadata> ReadAsync(FileCatalog catalog, FileReader reader, string path, byte[] content)
    {
        CatalogResult found = await catalog.GetAsync(_fixture.Path(path), false, CancellationToken.None);
        byte[] bytes = new byte[content.Length];
        FileReadResult read = await reader.ReadAsync(found.Metadata!, new ByteRange(0, bytes.Length), bytes, FileReadMode.Cached, CancellationToken.None);
        Assert.Equal((DoraErrorCode.None, content.Length), (read.Code, read.Bytes));
        Assert.Equal(content, bytes);
        await Waiting.Eventually.Async(() => reader.FreeFetchBytes == new FileReaderOptions().MaxInFlightBytes, "the fetches to end");
        return found.Metadata!;
    }
}
