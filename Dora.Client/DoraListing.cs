using System.Runtime.CompilerServices;
using Dora.Interfaces;

namespace Dora.Client;

/// <summary>
/// A directory's entries in name order, mounts below it included, fetched as they are enumerated. Some entries of a store have no place in Dora (FIFOs, names that are not UTF-8, links that lead out of the
/// mount): <see cref="Skipped"/> says what was left out and why. Enumerate it by one caller at a time; each time begins anew.
/// </summary>
public sealed class DoraListing : IAsyncEnumerable<FileStat>
{
    private readonly Func<CancellationToken, IAsyncEnumerable<ListReply>> _pages;
    private readonly CancellationToken _cancellationToken;
    private SkippedTally _skipped = new();

    internal DoraListing(DoraPath path, Func<CancellationToken, IAsyncEnumerable<ListReply>> pages, CancellationToken cancellationToken) =>
        (Path, _pages, _cancellationToken) = (path.Value, pages, cancellationToken);

    /// <summary>The directory's normalized Dora path.</summary>
    public string Path { get; }

    /// <summary>What the pages that were fetched so far leave out; all of it once the last entry was taken.</summary>
    public IReadOnlyList<SkippedEntries> Skipped => _skipped.ToArray();

    /// <summary>
    /// Which directory this is: the same for every path that leads to it, so that a walk can tell where it was already. Known with the first entry; 0 before, for a directory that exists only above mounts,
    /// and where the store has no such identity.
    /// </summary>
    public UInt128 DirectoryId { get; private set; }

    /// <summary>Begins the listing.</summary>
    /// <param name="cancellationToken">Cancels the enumeration, as the token of <see cref="DoraClient.ListAsync"/> does.</param>
    public IAsyncEnumerator<FileStat> GetAsyncEnumerator(CancellationToken cancellationToken = default) =>
        EnumerateAsync(_cancellationToken).GetAsyncEnumerator(cancellationToken);

    private async IAsyncEnumerable<FileStat> EnumerateAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var skipped = new SkippedTally();
        bool isFirst = true;
        await foreach (ListReply page in _pages(cancellationToken).ConfigureAwait(false))
        {
            skipped.Add(page.SkippedEntries);
            _skipped = skipped;
            DirectoryId = isFirst ? page.DirectoryId : DirectoryId;
            isFirst = false;
            foreach (FileStat entry in page.Entries)
            {
                yield return entry;
            }
        }
    }
}
