namespace Dora.Storage.Pages;

/// <summary>Short forms of <see cref="IPageStore"/>.</summary>
public static class PageStoreExtensions
{
    /// <summary>Stores bytes of a page that no mount's rules apply to.</summary>
    public static ValueTask<PutOutcome> PutAsync(
        this IPageStore store, PageKey page, int offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken) =>
        store.PutAsync(page, offset, data, default, cancellationToken);

    /// <summary>Drops the pages of some files.</summary>
    /// <param name="store">The store.</param>
    /// <param name="files">The files; a path prefix is the caller's to enumerate.</param>
    /// <param name="cancellationToken">Cancels the call between two files.</param>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    public static async ValueTask<long> RemoveAsync(this IPageStore store, IEnumerable<FileId> files, CancellationToken cancellationToken)
    {
        long freed = 0;
        foreach (FileId file in files)
        {
            freed += await store.RemoveAsync(file, FileVersion.None, cancellationToken).ConfigureAwait(false);
        }

        return freed;
    }
}
