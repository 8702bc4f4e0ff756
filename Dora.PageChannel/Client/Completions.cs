namespace Dora.PageChannel.Client;

/// <summary>
/// Runs what waits for a reply on the thread that received it, which saves a hand-over, unless that turns out to be unwise: callers that use the thread
/// for work of their own are moved to the thread pool for a while, and from one that blocks it the receiving is taken away. Idea: the inline completions
/// of .NET's sockets (<c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS</c>), made safe for callers that nobody controls.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class Completions(TimeProvider time)
{
    // A caller that asks for its next bytes needs a microsecond or two.
    private static readonly TimeSpan Quick = TimeSpan.FromMicroseconds(50);

    // A caller that keeps the thread for so long probably blocks it.
    private static readonly TimeSpan StuckAfter = TimeSpan.FromMilliseconds(10);

    private const int Strike = 16;
    private const int MaxStrikes = 3 * Strike;
    private const int ElsewhereFor = 2048;

    // Odd while a caller runs on the receiving thread. Who changes it from odd to another even number takes the receiving over.
    private long _turn;
    private long _since;
    private int _strikes;
    private int _elsewhere;

    /// <summary>Ends a request, on the thread that receives.</summary>
    /// <returns><see langword="false"/>: its caller kept the thread for so long that another one receives by now; this one must not.</returns>
    public bool Complete(PendingRequest pending, in ChannelReply reply)
    {
        if (_elsewhere > 0)
        {
            _elsewhere--;
            pending.Complete(reply);
            return true;
        }

        long turn = _turn;
        long start = time.GetTimestamp();
        Volatile.Write(ref _since, start);
        Volatile.Write(ref _turn, turn + 1);
        pending.CompleteHere(reply);
        if (Interlocked.CompareExchange(ref _turn, turn, turn + 1) != turn + 1)
        {
            return false;
        }

        Note(time.GetElapsedTime(start));
        return true;
    }

    /// <summary>Takes the receiving away from a thread that a caller has kept for long. Callers run elsewhere for a while then.</summary>
    /// <returns>Whether the caller of this must receive from now on.</returns>
    public bool TryTakeOver()
    {
        long turn = Volatile.Read(ref _turn);
        if (turn % 2 == 0 || time.GetElapsedTime(Volatile.Read(ref _since)) < StuckAfter
            || Interlocked.CompareExchange(ref _turn, turn + 1, turn) != turn)
        {
            return false;
        }

        (_strikes, _elsewhere) = (0, ElsewhereFor);
        return true;
    }

    /// <summary>A single slow one may be the system's doing; several in a row are the caller's.</summary>
    private void Note(TimeSpan elapsed)
    {
        if (elapsed <= Quick)
        {
            _strikes -= _strikes > 0 ? 1 : 0;
            return;
        }

        _strikes += Strike;
        if (_strikes >= MaxStrikes)
        {
            (_strikes, _elsewhere) = (0, ElsewhereFor);
        }
    }
}
