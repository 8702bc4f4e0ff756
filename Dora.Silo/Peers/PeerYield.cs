namespace Dora.Silo.Peers;

/// <summary>
/// Whether it pays to ask other workers for bytes that they may have from before a change of the ring. When they had nothing many times in a row they are asked now and then, until they have something:
/// a load of a million new files is not to ask a million times.
/// </summary>
internal sealed class PeerYield
{
    /// <summary>Answers in a row without anything, after which fewer questions are asked.</summary>
    public const int Patience = 128;

    /// <summary>Of so many questions one is asked then.</summary>
    public const int Every = 32;

    private int _misses;
    private int _passed;

    /// <summary>Whether to ask now.</summary>
    public bool IsWorthAsking() => Volatile.Read(ref _misses) < Patience || Interlocked.Increment(ref _passed) % Every == 0;

    /// <summary>Takes note of an answer.</summary>
    public void Note(bool hadBytes)
    {
        if (hadBytes)
        {
            Volatile.Write(ref _misses, 0);
        }
        else
        {
            Interlocked.Increment(ref _misses);
        }
    }
}
