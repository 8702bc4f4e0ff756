namespace Dora.PageChannel.Transport;

/// <summary>
/// Holds back what this thread flushes until the scope ends: requests that are made one after the other leave in one packet per connection. Must not
/// contain an await, or anything that waits for a reply.
/// </summary>
internal readonly ref struct FlushScope
{
    [ThreadStatic]
    private static List<FrameOutbox>? _held;

    [ThreadStatic]
    private static bool _isOn;

    private FlushScope(bool isOuter) => IsOuter = isOuter;

    private bool IsOuter { get; }

    /// <summary>Begins one; inside another it is part of that one.</summary>
    public static FlushScope Begin()
    {
        bool isOuter = !_isOn;
        _isOn = true;
        return new FlushScope(isOuter);
    }

    /// <summary>Notes an outbox that has something to flush.</summary>
    /// <returns><see langword="false"/>: there is no scope on this thread.</returns>
    public static bool TryHold(FrameOutbox outbox)
    {
        if (!_isOn)
        {
            return false;
        }

        List<FrameOutbox> held = _held ??= [];
        if (!held.Contains(outbox))
        {
            held.Add(outbox);
        }

        return true;
    }

    /// <summary>Flushes what was held back.</summary>
    public void Dispose()
    {
        if (!IsOuter)
        {
            return;
        }

        _isOn = false;
        if (_held is { Count: > 0 } held)
        {
            held.ForEach(static o => o.Flush());
            held.Clear();
        }
    }
}
