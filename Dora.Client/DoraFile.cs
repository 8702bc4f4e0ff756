using Dora.Client.Files;
using Dora.Interfaces;
using Dora.PageChannel.Codec;

namespace Dora.Client;

/// <summary>
/// A file opened for reading. It is pinned to the version it was opened at: every byte it gives is of that version, or the read fails with
/// <see cref="DoraErrorCode.VersionChanged"/>. Safe for concurrent use.
/// </summary>
public sealed class DoraFile : IAsyncDisposable
{
    private readonly FileReads _reads;
    private readonly ReadObserver _observer;
    private readonly OpenFile _file;
    private volatile bool _isDisposed;

    internal DoraFile(FileReads reads, ReadObserver observer, OpenFile file, FileStat stat) => (_reads, _observer, _file, Stat) = (reads, observer, file, stat);

    /// <summary>What the file was when it was opened.</summary>
    public FileStat Stat { get; }

    /// <summary>The normalized Dora path.</summary>
    public string Path => Stat.Path;

    /// <summary>Length in bytes.</summary>
    public long Length => Stat.Length;

    /// <summary>The version the file is pinned to.</summary>
    public FileVersion Version => _file.Version;

    /// <summary>The store's last-modified time, UTC.</summary>
    public DateTimeOffset LastModified => Stat.LastModified;

    /// <summary>Reads bytes from an offset on. Fills the buffer unless the file ends first.</summary>
    /// <param name="offset">First byte, 0 or more; at or beyond the end nothing is read.</param>
    /// <param name="buffer">Receives the bytes; not written to after the task has ended. Any length: long reads are split.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Bytes read: the buffer's length, or fewer at the end of the file.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="offset"/> is negative.</exception>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.VersionChanged"/>: the file changed, open it again. Any other: no worker could deliver the bytes.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        ReadAsync(offset, buffer, ReadFlags.None, cancellationToken);

    /// <summary>
    /// Reads several ranges in one call. Their requests leave together; ranges that touch or lie a little apart, in the file as in memory order, share one
    /// request where that saves a round trip.
    /// </summary>
    /// <param name="ranges">Offsets and where the bytes go, at most 65,536; the memory must not overlap. Not written to after the task has ended.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>Bytes read of each range: its memory's length, or fewer at the end of the file.</returns>
    /// <exception cref="ArgumentOutOfRangeException">An offset is negative, or there are too many ranges.</exception>
    /// <exception cref="DoraException">As <see cref="ReadAsync(long, Memory{byte}, CancellationToken)"/>; then no range counts as read.</exception>
    /// <exception cref="ObjectDisposedException">The file was disposed.</exception>
    public async ValueTask<int[]> ReadAsync(IReadOnlyList<FileRange> ranges, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ranges.Count, VectoredRead.MaxRanges);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return ReadObserver.IsListening
            ? await ObservedReadAsync(ranges, cancellationToken).ConfigureAwait(false)
            : await VectoredRead.RunAsync(_reads, _file, ranges, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// A read-only, seekable stream over the file, with a buffer of 256 KiB and, when it is read forward, a read-ahead that grows with the reader up to
    /// <see cref="DoraReadOptions.ReadAheadBytes"/>. Any number of streams may be open; each has its own position and, as
    /// streams are, serves one caller at a time. Reads fail as <see cref="ReadAsync(long, Memory{byte}, CancellationToken)"/> does.
    /// </summary>
    public Stream AsStream() => new DoraFileStream(this, _reads.ReadAheadBytes);

    /// <summary>Ends the use of the file; reads that run may finish.</summary>
    public ValueTask DisposeAsync()
    {
        _isDisposed = true;
        return ValueTask.CompletedTask;
    }

    internal ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset >= _file.Length || buffer.IsEmpty)
        {
            return new(0);
        }

        Memory<byte> wanted = buffer[..(int)Math.Min(buffer.Length, _file.Length - offset)];
        return ReadObserver.IsListening ? ObservedReadAsync(offset, wanted, hint, cancellationToken) : ReadWantedAsync(offset, wanted, hint, cancellationToken);
    }

    // Apart from its caller, because a lambda costs the method it stands in an allocation whether it runs or not.
    private ValueTask<int> ObservedReadAsync(long offset, Memory<byte> wanted, ReadFlags hint, CancellationToken cancellationToken) =>
        _observer.ReadAsync(_file.Target.Path, () => ReadWantedAsync(offset, wanted, hint, cancellationToken), static read => read);

    private ValueTask<int[]> ObservedReadAsync(IReadOnlyList<FileRange> ranges, CancellationToken cancellationToken) =>
        _observer.ReadAsync(_file.Target.Path, () => VectoredRead.RunAsync(_reads, _file, ranges, cancellationToken), static read => read.Sum(static bytes => (long)bytes));

    private ValueTask<int> ReadWantedAsync(long offset, Memory<byte> wanted, ReadFlags hint, CancellationToken cancellationToken)
    {
        ValueTask reading = _reads.ReadAsync(_file, offset, wanted, hint, cancellationToken);
        return reading.IsCompletedSuccessfully ? Done(reading, wanted.Length) : WaitAsync(reading, wanted.Length);
    }

    private static ValueTask<int> Done(ValueTask reading, int count)
    {
        reading.GetAwaiter().GetResult();
        return new(count);
    }

    [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<int> WaitAsync(ValueTask reading, int count)
    {
        await reading.ConfigureAwait(false);
        return count;
    }
}
