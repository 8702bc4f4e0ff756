using System.Security.Cryptography;
using Dora.PageChannel.Codec;

namespace Dora.Silo.SameHost;

/// <summary>Random numbers that are given out over the page channel and taken back once at the Unix socket. Bounded: the oldest goes when there are too many.</summary>
/// <param name="time">Says when one is too old.</param>
internal sealed class SameHostTickets(TimeProvider time)
{
    /// <summary>Most tickets that wait.</summary>
    public const int Max = 256;

    /// <summary>How long one waits.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Ticket, long Since)> _waiting = new();

    /// <summary>Makes a ticket.</summary>
    public byte[] Issue()
    {
        byte[] ticket = RandomNumberGenerator.GetBytes(SameHostReply.KeySize);
        lock (_gate)
        {
            if (_waiting.Count == Max)
            {
                _waiting.Dequeue();
            }

            _waiting.Enqueue((ticket, time.GetTimestamp()));
        }

        return ticket;
    }

    /// <summary>Takes a ticket back. <see langword="false"/>: it is none, was taken before, or is too old.</summary>
    public bool TryTake(ReadOnlySpan<byte> shown)
    {
        lock (_gate)
        {
            bool isTaken = false;
            for (int i = _waiting.Count; i > 0; i--)
            {
                (byte[] ticket, long since) = _waiting.Dequeue();
                bool isShown = CryptographicOperations.FixedTimeEquals(ticket, shown);
                bool isFresh = time.GetElapsedTime(since) < Life;
                isTaken |= isShown && isFresh;
                if (isFresh && !isShown)
                {
                    _waiting.Enqueue((ticket, since));
                }
            }

            return isTaken;
        }
    }
}
