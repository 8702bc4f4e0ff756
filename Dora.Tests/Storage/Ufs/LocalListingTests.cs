using System.Diagnostics;
using System.Globalization;
using Dora.Storage.Ufs;
using Xunit.Abstractions;

namespace Dora.Tests.Storage.Ufs;

/// <summary>A directory of the file system with many entries: listing it costs what is in it, not its square.</summary>
public sealed class LocalListingTests(ITestOutputHelper output) : IDisposable
{
    // DORA_TEST_LOCAL_LISTING=1000000 for a large one; the file system needs as many inodes.
    private static readonly int Files = int.Parse(Environment.GetEnvironmentVariable("DORA_TEST_LOCAL_LISTING") ?? "5000", CultureInfo.InvariantCulture);

    private readonly LocalUfsFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task List_SmallPagesOfALargeDirectory_GivesEveryNameOnceInOrder()
    {
        Directory.CreateDirectory(_fixture.Path("d"));
        for (int i = 0; i < Files; i++)
        {
            await File.Create(_fixture.Path($"d/{i:d9}")).DisposeAsync();
        }

        int seen = 0;
        long before = ProcessMemory.Now();
        var watch = Stopwatch.StartNew();
        string? continuation = null;
        do
        {
            UfsListResult page = await _fixture.Ufs.ListAsync("d", continuation, 256, CancellationToken.None);
            Assert.Equal(UfsStatus.Ok, page.Status);
            foreach (UfsEntry entry in page.Entries)
            {
                Assert.Equal(seen++, int.Parse(entry.Name, CultureInfo.InvariantCulture));
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{seen:N0} names in pages of 256: {seen / watch.Elapsed.TotalSeconds:N0}/s; memory from {before >> 20} to {ProcessMemory.Peak() >> 20} MiB at most"));
        Assert.Equal(Files, seen);
    }
}
