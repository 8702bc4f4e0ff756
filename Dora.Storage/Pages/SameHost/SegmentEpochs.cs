using System.Buffers.Binary;
using System.Security.Cryptography;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.SameHost;

/// <summary>
/// 256 numbers in a segment's header block, one for every 256th MiB of it. A process that reads records from the file by itself was told the number of
/// its record; it has right bytes when it finds that number after it has read. So a number changes before a record under it is given back, and no number comes
/// twice: they are drawn from 2^64. They lie in the file that they are about, so that they hold for whoever gives records back: this life of the worker or the next.
/// <para>A number that nobody was told needs no change, so a store without such readers pays one write per number and segment of an earlier life.</para>
/// </summary>
internal sealed class SegmentEpochs(IPageDevice device, SafeFileHandle file, bool isFromEarlierLife)
{
    /// <summary>Bytes of the numbers, from <see cref="PageLocation.FirstEpoch"/> on.</summary>
    public const int Size = Count * sizeof(ulong);

    private const int Count = (PageLocation.FirstPosition - PageLocation.FirstEpoch) / sizeof(ulong);
    private const int RegionBits = 20;

    private readonly Lock _gate = new();
    private State? _state;

    /// <summary>Whether <see cref="Tell"/> would have to read the disk.</summary>
    public bool IsOnDiskOnly => isFromEarlierLife && Volatile.Read(ref _state) is null;

    /// <summary>The number of a record and where it is, for somebody who is told the record's place. The caller holds the record's pin.</summary>
    /// <param name="record">Position of the record in the file.</param>
    /// <param name="position">Position of the number in the file.</param>
    /// <returns>The number.</returns>
    /// <exception cref="IOException">The disk cannot read.</exception>
    public ulong Tell(long record, out int position)
    {
        State state = Volatile.Read(ref _state) ?? Load();
        int at = IndexOf(record);
        position = PageLocation.FirstEpoch + (at * sizeof(ulong));
        ulong number;
        do
        {
            // Marked before it is told: whoever gives the record back does so after the caller's pin, and finds the mark or a number that changed since.
            number = Volatile.Read(ref state.Numbers[at]);
            Interlocked.Exchange(ref state.Told[at], 1);
        }
        while (Volatile.Read(ref state.Numbers[at]) != number);
        return number;
    }

    /// <summary>Changes the number of a record whose bytes are about to go. Only when this returns may they.</summary>
    /// <param name="record">Position of the record in the file.</param>
    /// <exception cref="IOException">The disk refuses: the bytes must stay.</exception>
    public void Raise(long record)
    {
        if (Volatile.Read(ref _state) is null && !isFromEarlierLife)
        {
            return;
        }

        State state = Volatile.Read(ref _state) ?? Load();
        int at = IndexOf(record);
        Span<byte> bytes = stackalloc byte[sizeof(ulong)];

        // One at a time: the numbers come to the file in the order they are drawn, and who finds the mark gone waits until the change is in the file.
        lock (_gate)
        {
            if (Interlocked.Exchange(ref state.Told[at], 0) == 0)
            {
                return;
            }

            ulong number = state.Draw();
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, number);
            try
            {
                device.Write(file, bytes, PageLocation.FirstEpoch + (at * sizeof(ulong)));
            }
            catch
            {
                Volatile.Write(ref state.Told[at], 1);
                throw;
            }

            Volatile.Write(ref state.Numbers[at], number);
        }

        // The number is in the system's page cache before what follows begins, for a reader on any processor.
        Interlocked.MemoryBarrier();
    }

    private static int IndexOf(long record) => (int)(record >> RegionBits) & (Count - 1);

    private State Load()
    {
        lock (_gate)
        {
            if (_state is { } known)
            {
                return known;
            }

            var state = new State(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
            if (isFromEarlierLife)
            {
                Span<byte> bytes = stackalloc byte[Size];
                bytes.Clear();
                device.Read(file, bytes, PageLocation.FirstEpoch);
                for (int i = 0; i < Count; i++)
                {
                    state.Numbers[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(i * sizeof(ulong))..]);
                }

                // Who was told what then is not known any more.
                Array.Fill(state.Told, 1);
            }

            Volatile.Write(ref _state, state);
            return state;
        }
    }

    private sealed class State(ulong seed)
    {
        private ulong _seed = seed;

        public ulong[] Numbers { get; } = new ulong[Count];

        public int[] Told { get; } = new int[Count];

        /// <summary>Steele, Lea, Flood (2014), SplitMix64: all 2^64 numbers before one comes twice, and a reader that meets a half-written one finds a third.</summary>
        public ulong Draw()
        {
            ulong z = _seed += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
