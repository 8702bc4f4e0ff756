using System.Buffers;
using System.Numerics;
using Microsoft.Extensions.ObjectPool;

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

    private static readonly ObjectPool<byte[]>[] Buckets = Make();

    /// <summary>An array of at least so many bytes.</summary>
    public static byte[] Rent(int bytes) => bytes is > 0 and <= MaxBytes ? Buckets[BucketOf(bytes)].Get() : ArrayPool<byte>.Shared.Rent(bytes);

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

    private static ObjectPool<byte[]>[] Make()
    {
        var buckets = new ObjectPool<byte[]>[BucketOf(MaxBytes) + 1];
        for (int i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new DefaultObjectPool<byte[]>(new Policy(MinBytes << i), KeptBytes / (MinBytes << i));
        }

        return buckets;
    }

    private sealed class Policy(int bytes) : PooledObjectPolicy<byte[]>
    {
        public override byte[] Create() => GC.AllocateUninitializedArray<byte>(bytes);

        public override bool Return(byte[] buffer) => true;
    }
}
