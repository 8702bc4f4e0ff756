using System.Buffers;
using System.Numerics;

namespace Dora.PageChannel.Client;

/// <summary>
/// The memory of replies that come without a destination. Small arrays are kept here, by powers of two and up to a number of bytes of each, because batches
/// have more of them in use at a time than the shared pool keeps; others come from there.
/// </summary>
internal static class ReplyBuffers
{
    private const int MinBytes = 1024;
    private const int MaxBytes = 64 * 1024;
    private const int KeptBytes = 4 * 1024 * 1024;

    private static readonly Bucket[] Buckets = Make();

    /// <summary>An array of at least so many bytes.</summary>
    public static byte[] Rent(int bytes) => bytes is > 0 and <= MaxBytes ? Buckets[BucketOf(bytes)].Rent() : ArrayPool<byte>.Shared.Rent(bytes);

    /// <summary>Takes an array back that was rented here, once.</summary>
    public static void Return(byte[] buffer)
    {
        if (buffer.Length is >= MinBytes and <= MaxBytes)
        {
            Buckets[BucketOf(buffer.Length)].Return(buffer);
        }
        else
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static int BucketOf(int bytes) => BitOperations.Log2((uint)(Math.Max(bytes, MinBytes) - 1)) - BitOperations.Log2((uint)MinBytes - 1);

    private static Bucket[] Make()
    {
        var buckets = new Bucket[BucketOf(MaxBytes) + 1];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new Bucket(MinBytes << i, KeptBytes / (MinBytes << i));
        }

        return buckets;
    }

    private sealed class Bucket(int bytes, int most)
    {
        private readonly Lock _lock = new();
        private readonly Stack<byte[]> _free = new();

        public byte[] Rent()
        {
            lock (_lock)
            {
                if (_free.TryPop(out byte[]? buffer))
                {
                    return buffer;
                }
            }

            return GC.AllocateUninitializedArray<byte>(bytes);
        }

        public void Return(byte[] buffer)
        {
            lock (_lock)
            {
                if (_free.Count < most)
                {
                    _free.Push(buffer);
                }
            }
        }
    }
}
