namespace Dora.PageChannel.Transport;

/// <summary>
/// Whether polling pays on one connection: an exponentially weighted share of polls that found something. While it is below one half polls are left
/// out, one, two, four ... up to <see cref="MaxPause"/> in a row, and one is tried in between. Not locked: only the receiving thread uses it.
/// </summary>
internal struct PollBackOff
{
    /// <summary>Most polls left out in a row.</summary>
    public const int MaxPause = 255;

    private const int Always = 1024;
    private const int Half = Always / 2;

    private int _failing;
    private int _pause;
    private int _left;

    /// <summary>Whether to poll this time.</summary>
    public bool TryPoll()
    {
        if (_left == 0)
        {
            return true;
        }

        _left--;
        return false;
    }

    /// <summary>Learns how a poll went.</summary>
    /// <param name="isHit">Whether something came while it polled.</param>
    public void Note(bool isHit)
    {
        // A quarter of the weight to a miss, an eighth to a hit: three misses in a row begin the back-off, three or four hits end it.
        _failing += isHit ? -(_failing / 8) : (Always - _failing) / 4;
        if (_failing <= Half)
        {
            _pause = 0;
        }
        else if (!isHit)
        {
            _pause = Math.Min((2 * _pause) + 1, MaxPause);
            _left = _pause;
        }
    }
}
