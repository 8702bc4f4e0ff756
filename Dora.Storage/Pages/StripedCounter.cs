using System.Runtime.InteropServices;

namespace Dora.Storage.Pages;

/// <summary>A counter that threads on different processors add to without taking each other's cache line.</summary>
internal sealed class StripedCounter
{
    private const int Stripes = 16;
    private readonly Stripe[] _stripes = new Stripe[Stripes];

    public long Value
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Stripes; i++)
            {
                sum += Volatile.Read(ref _stripes[i].Value);
            }

            return sum;
        }
    }

    /// <summary>What was added with <see cref="Add"/>.</summary>
    public long Sum
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < Stripes; i++)
            {
                sum += Volatile.Read(ref _stripes[i].Sum);
            }

            return sum;
        }
    }

    /// <summary>Counts one, and its amount beside it in the same cache line.</summary>
    public void Add(long amount)
    {
        ref Stripe stripe = ref _stripes[Environment.CurrentManagedThreadId % Stripes];
        Interlocked.Increment(ref stripe.Value);
        Interlocked.Add(ref stripe.Sum, amount);
    }

    public void Increment() => Interlocked.Increment(ref _stripes[Environment.CurrentManagedThreadId % Stripes].Value);

    [StructLayout(LayoutKind.Explicit, Size = 64)]
    private struct Stripe
    {
        [FieldOffset(0)]
        public long Value;

        [FieldOffset(8)]
        public long Sum;
    }
}
