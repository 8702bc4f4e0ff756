namespace Dora.Benchmarks.Pages.Policies;

/// <summary>
/// W-TinyLFU (Einziger, Friedman, Manes): a window of 1 % in LRU order; a page that leaves it takes the place of the main cache's victim only if the sketch says that it
/// was used more often. The main cache is a segmented LRU, 80 % protected. The window does not adapt.
/// </summary>
internal sealed class TinyLfuPolicy : ICachePolicy
{
    private readonly int _windowCapacity;
    private readonly int _mainCapacity;
    private readonly int _protectedCapacity;
    private readonly FrequencySketch _sketch;
    private readonly PageList _window;
    private readonly PageList _probation;
    private readonly PageList _protected;
    private readonly PageList?[] _where;

    internal TinyLfuPolicy(int capacity, int pages)
    {
        _windowCapacity = Math.Max(1, capacity / 100);
        _mainCapacity = capacity - _windowCapacity;
        _protectedCapacity = (int)(_mainCapacity * 0.8);
        _sketch = new FrequencySketch(capacity);
        var links = new PageLinks(pages);
        (_window, _probation, _protected, _where) = (new PageList(links), new PageList(links), new PageList(links), new PageList?[pages]);
    }

    public int Count => _window.Count + _probation.Count + _protected.Count;

    public bool Access(int page)
    {
        _sketch.Add(page);
        if (_where[page] is not { } list)
        {
            Put(page, _window);
            if (_window.Count > _windowCapacity)
            {
                LeaveWindow(_window.RemoveOldest());
            }

            return false;
        }

        list.Remove(page);
        Put(page, list == _window ? _window : _protected);
        if (_protected.Count > _protectedCapacity)
        {
            Put(_protected.RemoveOldest(), _probation);
        }

        return true;
    }

    private void LeaveWindow(int candidate)
    {
        if (_probation.Count + _protected.Count < _mainCapacity)
        {
            Put(candidate, _probation);
            return;
        }

        PageList victims = _probation.Count > 0 ? _probation : _protected;
        if (victims.Count > 0 && _sketch.Estimate(candidate) > _sketch.Estimate(victims.Oldest))
        {
            _where[victims.RemoveOldest()] = null;
            Put(candidate, _probation);
        }
        else
        {
            _where[candidate] = null;
        }
    }

    private void Put(int page, PageList list)
    {
        list.AddNewest(page);
        _where[page] = list;
    }
}
