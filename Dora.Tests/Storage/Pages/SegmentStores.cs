using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Storage.Pages;

/// <summary>Opens segment stores and waits until they know all that is on the disk.</summary>
internal static class SegmentStores
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task<SegmentPageStore> OpenAsync(PageStoreOptions options) =>
        OpenAsync(options, TimeProvider.System, new FilePageDevice());

    public static async Task<SegmentPageStore> OpenAsync(
        PageStoreOptions options, TimeProvider time, IPageDevice device, ILogger? logger = null)
    {
        SegmentPageStore store = SegmentPageStore.Open(options, time, logger ?? NullLogger.Instance, device);
        await store.WhenRecovered.WaitAsync(Limit);
        return store;
    }
}
