namespace Dora.Benchmarks.Pages.Policies;

/// <summary>Least recently used goes first.</summary>
internal sealed class LruPolicy(int capacity, int pages) : ICachePolicy
{
    private readonly PageList _list = new(new PageLinks(pages));
    private readonly bool[] _cached = new bool[pages];

    public int Count => _list.Count;

    public bool Access(int page)
    {
        bool hit = _cached[page];
        if (hit)
        {
            _list.Remove(page);
        }
        else if (_list.Count == capacity)
        {
            _cached[_list.RemoveOldest()] = false;
        }

        _list.AddNewest(page);
        _cached[page] = true;
        return hit;
    }
}
