namespace Dora.Cli.Output;

/// <summary>How fast a number of bytes grows now: over the last seconds, not since the start.</summary>
internal sealed class TransferRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Queue<(long At, long Bytes)> _samples = new();

    /// <summary>Adds what the number is now.</summary>
    /// <returns>Bytes a second; <see langword="null"/> in the first second.</returns>
    public double? Add(long bytes)
    {
        long now = time.GetTimestamp();
        _samples.Enqueue((now, bytes));
        while (_samples.Count > 2 && time.GetElapsedTime(_samples.Peek().At, now) > Window)
        {
            _samples.Dequeue();
        }

        (long at, long before) = _samples.Peek();
        TimeSpan passed = time.GetElapsedTime(at, now);
        return passed < Shortest ? null : Math.Max(0, bytes - before) / passed.TotalSeconds;
    }
}
