namespace Dora.Benchmarks.Pages.Policies;

/// <summary>SIEVE (Zhang and others, NSDI 2024): CLOCK on a queue whose survivors keep their place, so that new pages are sifted fast.</summary>
internal sealed class SievePolicy(int capacity, int pages) : ICachePolicy
{
    private readonly PageList _list = new(new PageLinks(pages));
    private readonly bool[] _cached = new bool[pages];
    private readonly bool[] _visited = new bool[pages];
    private int _hand = PageList.None;

    public int Count => _list.Count;

    public bool Access(int page)
    {
        if (_cached[page])
        {
            _visited[page] = true;
            return true;
        }

        if (_list.Count == capacity)
        {
            Evict();
        }

        _list.AddNewest(page);
        (_cached[page], _visited[page]) = (true, false);
        return false;
    }

    private void Evict()
    {
        int at = _hand == PageList.None ? _list.Oldest : _hand;
        while (_visited[at])
        {
            _visited[at] = false;
            at = _list.Newer(at);
            at = at == PageList.None ? _list.Oldest : at;
        }

        _hand = _list.Newer(at);
        _list.Remove(at);
        _cached[at] = false;
    }
}
