using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages;

/// <summary>Changes of what is cached.</summary>
public interface IPageWrites
{
    /// <summary>
    /// Stores bytes of a page, beside what is stored of it already. When the result is <see cref="PutOutcome.Stored"/> the bytes can be read at once.
    /// A put of another version of the file drops the pages of the versions before: the last one put is the one that is kept.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page; on the grid of <see cref="PageGeometry.ExtentGrid"/>.</param>
    /// <param name="data">The bytes; end on the grid or at the end of the file.</param>
    /// <param name="placement">Whose they are and whether they are pinned.</param>
    PutOutcome Put(PageKey page, int offset, ReadOnlySpan<byte> data, PagePlacement placement);

    /// <summary>Drops pages of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="keep">A version whose pages stay, or <see cref="FileVersion.None"/> to drop all.</param>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    long Remove(FileId file, FileVersion keep);

    /// <summary>Drops a page.</summary>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    long RemovePage(PageKey page);

    /// <summary>Drops the pages that a mount brought.</summary>
    /// <param name="mount">The mount's tag, not 0.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    long RemoveMount(ushort mount, CancellationToken cancellationToken);

    /// <summary>Pins or unpins what is stored of a file now; later puts say it in their <see cref="PagePlacement"/>.</summary>
    /// <returns>Bytes whose mark changed; fewer than the file has when the share for pinned pages is used up.</returns>
    long Pin(FileId file, bool pinned);
}
