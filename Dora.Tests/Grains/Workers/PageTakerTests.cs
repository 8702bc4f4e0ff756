using Dora.Grains.Files;
using Dora.Grains.Workers;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Tests.Storage.Files;

namespace Dora.Tests.Grains.Workers;

public sealed class PageTakerTests
{
    private const int Length = 2 * FileFixture.Grid;

    [Fact]
    public async Task Offer_IsTakenOver_PagesAndMetadata()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));

        Assert.Equal(Length, await TakeAsync(fixture, file, content));
        Assert.Equal(file, fixture.Catalog.TryGetKnown(file.Id));
    }

    [Fact]
    public async Task Offer_OfAFileThatWasForgottenSince_BringsNothingBack()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        fixture.Catalog.Forget(file.Id);

        Assert.Equal(0, await TakeAsync(fixture, file, content));
        Assert.Null(fixture.Catalog.TryGetKnown(file.Id));
    }

    [Fact]
    public async Task Offer_OfAnOlderVersion_IsLeftAlone()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        FileMetadata newer = file with { Version = new FileVersion(99), LoadedAt = fixture.Time.GetUtcNow() };
        await fixture.Catalog.RememberAsync([newer], default);

        Assert.Equal(0, await TakeAsync(fixture, file, content));
        Assert.Equal(newer, fixture.Catalog.TryGetKnown(file.Id));
    }

    private static Task<long> TakeAsync(FileFixture fixture, FileMetadata file, byte[] content)
    {
        var taker = new PageTaker(fixture.Catalog, new PageImport(fixture.Pages, new WholeFile(content), fixture.Cluster), new FileTurns());
        return taker.TakeAsync([new PageOffer(FileStats.From(DoraPath.Parse("/m/f"), file), [0, Length])], default);
    }

    private sealed class WholeFile(byte[] content) : IPagePeers
    {
        public ValueTask<int> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, CancellationToken cancellationToken)
        {
            content.AsMemory((int)range.Offset, (int)range.Length).CopyTo(destination);
            return new((int)range.Length);
        }
    }
}
