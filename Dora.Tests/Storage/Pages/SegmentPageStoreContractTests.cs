using Dora.Storage.Pages;
using Dora.Tests.Doubles;

namespace Dora.Tests.Storage.Pages;

public sealed class SegmentPageStoreContractTests : PageStoreContractTests
{
    private readonly TempDirectory _directory = new();

    protected override async Task<IPageStore> OpenAsync(long capacityBytes) => await SegmentStores.OpenAsync(Options(capacityBytes));

    protected override long DiskBytes() => DirectorySize.Of(_directory.Path);

    private PageStoreOptions Options(long capacityBytes) => new() { Directory = _directory.Path, CapacityBytes = capacityBytes };

    protected override Task CleanAsync()
    {
        _directory.Dispose();
        return Task.CompletedTask;
    }
}
