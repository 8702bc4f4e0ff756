namespace Dora.Client.PageChannel;

/// <summary>
/// Decides whether what waits for a reply runs on the thread that received it, which saves a hand-over, or on the thread pool. It starts on the
/// receiving thread and is moved away for a while when it uses that thread for work of its own, so that the replies behind it are not held up. What
/// blocks the thread altogether is found by the connection's sweep, which lets another thread receive. Idea: the inline completions of .NET's sockets
/// (<c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS</c>), made safe for callers that nobody controls.
/// </summary>
internal sealed class CompletionPace
{
    // A caller that asks for its next bytes needs a microsecond or two.
    private static readonly TimeSpan Quick = TimeSpan.FromMicroseconds(50);

    private const int Strike = 16;
    private const int MaxStrikes = 3 * Strike;
    private const int ElsewhereFor = 2048;

    private int _strikes;
    private int _elsewhere;

    /// <summary>Whether the next completion runs on the receiving thread.</summary>
    public bool NextRunsHere()
    {
        if (_elsewhere == 0)
        {
            return true;
        }

        _elsewhere--;
        return false;
    }

    /// <summary>Notes how long one took here. A single slow one may be the system's doing; several in a row are the caller's.</summary>
    public void Note(TimeSpan elapsed)
    {
        if (elapsed <= Quick)
        {
            _strikes -= _strikes > 0 ? 1 : 0;
            return;
        }

        _strikes += Strike;
        if (_strikes >= MaxStrikes)
        {
            Leave();
        }
    }

    /// <summary>Completions run elsewhere for a while.</summary>
    public void Leave() => (_strikes, _elsewhere) = (0, ElsewhereFor);
}
