using System.Buffers;
using Dora.Storage.Pages;

namespace Dora.Storage.Files;

/// <summary>How a fetch ended.</summary>
/// <param name="Code">None when the bytes are there.</param>
/// <param name="Error">One line, set when the code is not None.</param>
/// <param name="Put">What the page store said.</param>
internal readonly record struct FetchOutcome(DoraErrorCode Code, string? Error = null, PutOutcome Put = PutOutcome.Stored);

/// <summary>
/// One request to an under store, and the buffer of its bytes, shared by everybody who waits for them. The table of fetches holds one reference until
/// the bytes are stored, every waiter one until it has copied; the last one gives buffer and budget back.
/// </summary>
internal sealed class ExtentFetch(FileMetadata file, ByteRange range, bool recheck, ByteBudget budget)
{
    private readonly TaskCompletionSource<FetchOutcome> _fetched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<FetchOutcome> _stored = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[]? _buffer;
    private bool _paid;
    private int _references = 1;

    public FileMetadata File { get; } = file;

    /// <summary>Bytes of the file, on the 64 KiB grid or to the end of the file.</summary>
    public ByteRange Range { get; } = range;

    /// <summary>Whether somebody stored pages between the look and the claim: look again before asking the store.</summary>
    public bool Recheck { get; } = recheck;

    /// <summary>The bytes; valid for holders of a reference once <see cref="Fetched"/> says so.</summary>
    public Memory<byte> Buffer => _buffer.AsMemory(0, (int)Range.Length);

    /// <summary>Completes when the bytes can be copied, or with the reason why not. Never faults.</summary>
    public Task<FetchOutcome> Fetched => _fetched.Task;

    /// <summary>Completes when the page store has answered as well. Never faults.</summary>
    public Task<FetchOutcome> Stored => _stored.Task;

    /// <summary>What is to be brought: all, or less when somebody stored a part in the meantime. Set before <see cref="Fetched"/> completes.</summary>
    public IReadOnlyList<ByteRange> Requested { get; set; } = [];

    /// <summary>What of it the under store was asked for; the rest came from other workers. Set before <see cref="Fetched"/> completes.</summary>
    public IReadOnlyList<ByteRange> FromStore { get; set; } = [];

    /// <summary>How many bytes of a range were brought.</summary>
    public long RequestedOf(ByteRange range) => Requested.Sum(r => r.Intersect(range).Length);

    /// <summary>How many bytes of a range were asked of the under store.</summary>
    public long FromStoreOf(ByteRange range) => FromStore.Sum(r => r.Intersect(range).Length);

    public async ValueTask RentAsync()
    {
        await budget.AcquireAsync(Range.Length).ConfigureAwait(false);
        _paid = true;
        _buffer = ArrayPool<byte>.Shared.Rent((int)Range.Length);
    }

    public void SetFetched(FetchOutcome outcome) => _fetched.TrySetResult(outcome);

    public void SetStored(FetchOutcome outcome)
    {
        _fetched.TrySetResult(outcome);
        _stored.TrySetResult(outcome);
    }

    /// <summary>Adds a waiter; only while the table lists this fetch, or by who holds a reference.</summary>
    public void AddReference() => Interlocked.Increment(ref _references);

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
        {
            return;
        }

        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }

        if (_paid)
        {
            budget.Release(Range.Length);
        }
    }
}
