using Dora.Storage.Pages;
using Dora.Tests.Doubles;

namespace Dora.Tests.Storage.Pages;

public sealed class SegmentPageStoreContractTests : PageStoreContractTests
{
    private readonly TempDirectory _directory = new();

    protected override Task<IPageStore> OpenAsync(long capacityBytes) => Task.FromResult<IPageStore>(
        SegmentPageStore.Open(new PageStoreOptions { Directory = _directory.Path, CapacityBytes = capacityBytes }, TimeProvider.System));

    protected override long DiskBytes() => new DirectoryInfo(_directory.Path).EnumerateFiles("*.seg").Sum(static f => f.Length);

    protected override Task CleanAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
