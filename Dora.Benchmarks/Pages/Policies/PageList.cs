namespace Dora.Benchmarks.Pages.Policies;

/// <summary>The links of the lists that pages stand in: a page is in at most one list of those that share them.</summary>
internal sealed class PageLinks(int pages)
{
    internal int[] Newer { get; } = new int[pages];

    internal int[] Older { get; } = new int[pages];
}

/// <summary>A doubly linked list of pages, newest first; every operation takes constant time.</summary>
internal sealed class PageList(PageLinks links)
{
    internal const int None = -1;

    internal int Count { get; private set; }

    internal int Newest { get; private set; } = None;

    internal int Oldest { get; private set; } = None;

    /// <summary>The page before, towards the newest, or none.</summary>
    internal int Newer(int page) => links.Newer[page];

    internal void AddNewest(int page)
    {
        (links.Newer[page], links.Older[page]) = (None, Newest);
        if (Newest == None)
        {
            Oldest = page;
        }
        else
        {
            links.Newer[Newest] = page;
        }

        Newest = page;
        Count++;
    }

    internal void Remove(int page)
    {
        (int newer, int older) = (links.Newer[page], links.Older[page]);
        if (newer == None)
        {
            Newest = older;
        }
        else
        {
            links.Older[newer] = older;
        }

        if (older == None)
        {
            Oldest = newer;
        }
        else
        {
            links.Newer[older] = newer;
        }

        Count--;
    }

    internal int RemoveOldest()
    {
        int page = Oldest;
        Remove(page);
        return page;
    }
}
