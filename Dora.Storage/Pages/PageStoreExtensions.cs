namespace Dora.Storage.Pages;

/// <summary>Short forms of <see cref="IPageStore"/>.</summary>
public static class PageStoreExtensions
{
    /// <summary>Stores bytes of a page that no mount's rules apply to.</summary>
    public static PutOutcome Put(this IPageWrites store, PageKey page, int offset, ReadOnlySpan<byte> data) => store.Put(page, offset, data, default);
}
