using Dora.Storage.Pages;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>
/// What a page store may answer: of each file the version that was put last and the blocks of it that were acknowledged since it was last dropped. A store on a
/// sick disk may have less; never more, but after a restart, when drops that the disk did not take down may be undone.
/// </summary>
internal sealed class PageModel
{
    private readonly Dictionary<int, (ulong Version, HashSet<(uint Page, int Block)> Blocks)> _files = [];
    private readonly HashSet<(PageKey Page, int Block)> _ever = [];

    /// <summary>A put was tried; not acknowledged, it may still have dropped the version before.</summary>
    public void Put(int file, ulong version, uint page, int first, int count, PutOutcome outcome)
    {
        if (!_files.TryGetValue(file, out var entry) || entry.Version != version)
        {
            entry = (version, []);
            if (outcome is PutOutcome.Stored or PutOutcome.AlreadyStored)
            {
                _files[file] = entry;
            }
        }

        for (int block = first; block < first + count; block++)
        {
            // What was tried may be found by a later start, acknowledged or not.
            _ever.Add((Key(file, version, page), block));
            if (outcome is PutOutcome.Stored or PutOutcome.AlreadyStored)
            {
                entry.Blocks.Add((page, block));
            }
        }
    }

    public void Remove(int file) => _files.Remove(file);

    public void RemovePage(int file, ulong version, uint page)
    {
        if (_files.TryGetValue(file, out var entry) && entry.Version == version)
        {
            entry.Blocks.RemoveWhere(b => b.Page == page);
        }
    }

    /// <summary>The version of a file that was put last, 1 for none.</summary>
    public ulong VersionOf(int file) => _files.TryGetValue(file, out var entry) ? entry.Version : 1;

    /// <summary>The most bytes that a read may give.</summary>
    public int AtMost(int file, ulong version, uint page, int offset, int length, bool sinceStart)
    {
        int there = 0;
        while (there < length && May((offset + there) / Grid))
        {
            there = Math.Min(length, ((((offset + there) / Grid) + 1) * Grid) - offset);
        }

        return there;

        bool May(int block) => sinceStart
            ? _files.TryGetValue(file, out var entry) && entry.Version == version && entry.Blocks.Contains((page, block))
            : _ever.Contains((Key(file, version, page), block));
    }

    /// <summary>All blocks that were ever tried.</summary>
    public IEnumerable<(PageKey Page, int Offset)> Ever => _ever.Select(static e => (e.Page, e.Block * Grid));
}
