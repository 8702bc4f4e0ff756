using System.Collections.Concurrent;
using Dora.Storage.Ufs;

namespace Dora.Tests.Doubles;

/// <summary>A store in front of another that counts, waits at gates, refuses, throws, and truncates when told to.</summary>
internal sealed class FaultyUfs(IUfs inner) : IUfs
{
    private int _stats;
    private int _active;
    private int _mostActive;

    public UfsCapabilities Capabilities => inner.Capabilities | (IsConditional ? UfsCapabilities.ConditionalStat : 0);

    /// <summary>Whether it answers conditional stats.</summary>
    public bool IsConditional { get; set; }

    public int ConditionalStats { get; private set; }

    /// <summary>Every call waits here; replace with a source's task to hold calls back.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>What every call answers instead of asking the store.</summary>
    public UfsStatus Refuse { get; set; }

    /// <summary>What every call throws.</summary>
    public Exception? Throw { get; set; }

    /// <summary>Bytes that every read gives too few.</summary>
    public int Truncate { get; set; }

    /// <summary>Runs between the gate and the store's answer of a read.</summary>
    public Action? BeforeRead { get; set; }

    public int Stats => Volatile.Read(ref _stats);

    /// <summary>The ranges read so far.</summary>
    public ConcurrentQueue<ByteRange> Reads { get; } = new();

    /// <summary>The most reads at one time.</summary>
    public int MostActiveReads => Volatile.Read(ref _mostActive);

    public async ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _stats);
        await EnterAsync(cancellationToken);
        return Refuse != UfsStatus.Ok ? new UfsStatResult(Refuse, default, $"the store says {Refuse}") : await inner.StatAsync(path, cancellationToken);
    }

    public async ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken)
    {
        ConditionalStats++;
        if (inner.Capabilities.HasFlag(UfsCapabilities.ConditionalStat) && Refuse == UfsStatus.Ok)
        {
            await EnterAsync(cancellationToken);
            return await inner.StatIfChangedAsync(path, known, cancellationToken);
        }

        UfsStatResult result = await StatAsync(path, cancellationToken);
        return result.Status == UfsStatus.Ok && result.Stat.Version == known ? new UfsStatResult(UfsStatus.NotModified, default) : result;
    }

    public async ValueTask<UfsReadResult> ReadAsync(
        string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Reads.Enqueue(new ByteRange(offset, destination.Length));
        int active = Interlocked.Increment(ref _active);
        InterlockedMax(ref _mostActive, active);
        try
        {
            await EnterAsync(cancellationToken);
            BeforeRead?.Invoke();
            if (Refuse != UfsStatus.Ok)
            {
                return new UfsReadResult(Refuse, 0, $"the store says {Refuse}");
            }

            UfsReadResult result = await inner.ReadAsync(path, version, offset, destination, cancellationToken);
            return result with { Bytes = Math.Max(0, result.Bytes - Truncate) };
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    public async ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        return Refuse != UfsStatus.Ok
            ? new UfsListResult(Refuse, [], null, $"the store says {Refuse}")
            : await inner.ListAsync(path, continuation, limit, cancellationToken);
    }

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        await Gate.WaitAsync(cancellationToken);
        if (Throw is not null)
        {
            throw Throw;
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
            // Another reader raised it meanwhile: look again.
        }
    }
}
