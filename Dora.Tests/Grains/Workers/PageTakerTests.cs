using Dora.Grains.Files;
using Dora.Grains.Workers;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Tests.Storage.Files;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;

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

    [Fact]
    public async Task Offer_ToAWorkerThatStopsToo_IsRefused()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        var life = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        life.StopApplication();

        Assert.Equal(PageOffer.Refused, await TakeAsync(fixture, file, content, life));
        Assert.Equal((null, 0), (fixture.Catalog.TryGetKnown(file.Id), fixture.Pages.Statistics.Pages));
    }

    [Fact]
    public async Task Offer_IsBeingTakenWhenTheStopComes_IsRefused()
    {
        await using var fixture = new FileFixture();
        FileMetadata file = fixture.Write("f", Length, out byte[] content);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        var life = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        fixture.Hooks.AfterProbe = life.StopApplication;

        Assert.Equal(PageOffer.Refused, await TakeAsync(fixture, file, content, life));
    }

    private static async Task<long> TakeAsync(FileFixture fixture, FileMetadata file, byte[] content)
    {
        var life = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        return await TakeAsync(fixture, file, content, life);
    }

    private static Task<long> TakeAsync(FileFixture fixture, FileMetadata file, byte[] content, IHostApplicationLifetime life)
    {
        var taker = new PageTaker(fixture.Catalog, new PageImport(fixture.Hooks, new WholeFile(content), fixture.Cluster), new FileTurns(), life);
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
