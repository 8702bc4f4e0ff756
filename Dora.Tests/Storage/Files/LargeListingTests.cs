using System.Diagnostics;
using System.Globalization;
using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit.Abstractions;

namespace Dora.Tests.Storage.Files;

/// <summary>A directory with more entries than anybody wants in memory at once.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class LargeListingTests(ITestOutputHelper output)
{
    // DORA_TEST_LISTING=10000000 for the full count.
    private static readonly int Entries = int.Parse(Environment.GetEnvironmentVariable("DORA_TEST_LISTING") ?? "60000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task List_HugeDirectory_StreamsInPagesAndIsForgottenByPrefix()
    {
        using var directory = new TempDirectory();
        var time = new FakeTimeProvider();
        var options = new MetadataStoreOptions { Directory = directory["metadata"], MemoryBudgetBytes = 32 << 20 };
        using TwoLevelMetadataStore memory = TwoLevelMetadataStore.Open(options, time, NullLogger.Instance);
        await using var fixture = new FileFixture();
        var catalog = new FileCatalog(memory, fixture.Pages, new UfsProvider([new("memory", static _ => new HugeDirectory())]), new FileCatalogOptions(), time);

        long before = ProcessMemory.Now();
        var watch = Stopwatch.StartNew();
        long listed = 0;
        long most = 0;
        string? continuation = null;
        do
        {
            UfsListResult page = await catalog.ListAsync(fixture.Path("huge"), continuation, 10_000, CancellationToken.None);
            Assert.Equal(UfsStatus.Ok, page.Status);
            listed += page.Entries.Count;
            continuation = page.Continuation;
            most = Math.Max(most, ProcessMemory.Now());
        }
        while (continuation is not null);

        Assert.Equal(Entries, listed);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{listed:N0} entries listed, {listed / watch.Elapsed.TotalSeconds:N0}/s; memory from {before >> 20} to {most >> 20} MiB"));
        Assert.True(Entries < 1_000_000 || most - before <= 256L << 20, $"memory rose from {before >> 20} to {most >> 20} MiB");
        Assert.NotNull(catalog.TryGetFresh(fixture.Path($"huge/{Entries - 1:d9}")));
        memory.Put(new FileMetadata("memory://root/hugely", FileKind.File, 1, default, default, time.GetUtcNow()));
        watch.Restart();
        Assert.Equal(Entries, catalog.EnumerateUnder("memory://root/huge").LongCount(m => catalog.Forget(m.Id)));
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"forgotten by prefix, {Entries / watch.Elapsed.TotalSeconds:N0}/s; memory {ProcessMemory.Now() >> 20} MiB, {ProcessMemory.Peak() >> 20} at most"));
        Assert.Equal("memory://root/hugely", Assert.Single(catalog.EnumerateUnder("memory://root")).UfsPath);
    }

    private sealed class HugeDirectory : IUfs
    {
        public UfsCapabilities Capabilities => UfsCapabilities.None;

        public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken) => new(new UfsStatResult(UfsStatus.NotFound, default));

        public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) => StatAsync(path, cancellationToken);

        public ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(new UfsReadResult(UfsStatus.NotSupported, 0));

        public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
        {
            int from = continuation is null ? 0 : int.Parse(continuation, CultureInfo.InvariantCulture);
            int to = Math.Min(Entries, from + limit);
            UfsEntry[] entries =
                [.. Enumerable.Range(from, to - from).Select(static i => new UfsEntry($"{i:d9}", new UfsStat(FileKind.File, i, DateTimeOffset.UnixEpoch, new FileVersion((ulong)i + 1))))];
            return new(new UfsListResult(UfsStatus.Ok, entries, to < Entries ? to.ToString(CultureInfo.InvariantCulture) : null));
        }
    }
}
