using System.Runtime.CompilerServices;
using Dora.Client.Files;
using Dora.Interfaces;
using Dora.PageChannel.Codec;

namespace Dora.Client;

/// <summary>
/// A file opened for reading. It is pinned to one version: every byte it gives is of that version, or the read fails with
/// <see cref="DoraErrorCode.VersionChanged"/>. The version is the one it was opened at; when that is gone before anything was told of it (a byte, or one of the
/// properties but <see cref="Path"/>), the first read opens it again, once. Safe for concurrent use.
/// </summary>
public sealed class DoraFile : IAsyncDisposable
{
    private readonly FileReads _reads;
    private readonly SmallFileReads _files;
    private readonly ReadObserver _observer;
    private OpenFile _opened;
    private OpenFile? _told;
    private Lazy<Task<OpenFile>>? _again;
    private volatile bool _isDisposed;

    internal DoraFile(FileReads reads, SmallFileReads files, ReadObserver observer, OpenFile file) => (_reads, _files, _observer, _opened) = (reads, files, observer, file);

    /// <summary>What the file was when it was opened.</summary>
    public FileStat Stat => Pin().Stat!;

    /// <summary>The normalized Dora path.</summary>
    public string Path => Now.Target.Path.Value;

    /// <summary>Length in bytes.</summary>
    public long Length => Stat.Length;

    /// <summary>The version the file is pinned to.</summary>
    public FileVersion Version => Pin().Version;

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
            : await ReadRangesAsync(ranges, cancellationToken).ConfigureAwait(false);
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

    /// <summary>The file as reads take it now. Telling a caller something of it needs <see cref="Pin"/>.</summary>
    internal OpenFile Now => Volatile.Read(ref _told) ?? Volatile.Read(ref _opened);

    /// <summary>Keeps to the version that it has now: something of it is told.</summary>
    internal OpenFile Pin()
    {
        OpenFile now = Now;
        return Volatile.Read(ref _told) ?? Interlocked.CompareExchange(ref _told, now, null) ?? now;
    }

    internal ValueTask<int> ReadAsync(long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        OpenFile file = Now;
        if (buffer.IsEmpty || (offset >= file.Length && offset >= (file = Pin()).Length))
        {
            return new(0);
        }

        return ReadObserver.IsListening ? ObservedReadAsync(file, offset, buffer, hint, cancellationToken) : ReadWantedAsync(file, offset, buffer, hint, cancellationToken);
    }

    private static Memory<byte> Within(OpenFile file, long offset, Memory<byte> buffer) => buffer[..(int)Math.Clamp(file.Length - offset, 0, buffer.Length)];

    // Apart from its caller, because a lambda costs the method it stands in an allocation whether it runs or not.
    private ValueTask<int> ObservedReadAsync(OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken) =>
        _observer.ReadAsync(file.Target.Path, () => ReadWantedAsync(file, offset, buffer, hint, cancellationToken), static read => read);

    private ValueTask<int[]> ObservedReadAsync(IReadOnlyList<FileRange> ranges, CancellationToken cancellationToken) =>
        _observer.ReadAsync(Now.Target.Path, () => ReadRangesAsync(ranges, cancellationToken), static read => read.Sum(static bytes => (long)bytes));

    private ValueTask<int> ReadWantedAsync(OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        Memory<byte> wanted = Within(file, offset, buffer);
        ValueTask reading = _reads.ReadAsync(file, offset, wanted, hint, cancellationToken);
        return reading.IsCompletedSuccessfully && Volatile.Read(ref _told) == file
            ? Done(reading, wanted.Length)
            : WaitAsync(reading, file, offset, buffer, hint, cancellationToken);
    }

    private static ValueTask<int> Done(ValueTask reading, int count)
    {
        reading.GetAwaiter().GetResult();
        return new(count);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> WaitAsync(ValueTask reading, OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        try
        {
            await reading.ConfigureAwait(false);
            if (TryPin(file))
            {
                return Within(file, offset, buffer).Length;
            }
        }
        catch (DoraException e) when (IsOutdated(e, file))
        {
            // See below.
        }

        return await ReadAgainAsync(file, offset, buffer, hint, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<int> ReadAgainAsync(OpenFile changed, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken) =>
        AgainAsync(
            changed,
            async again =>
            {
                Memory<byte> wanted = Within(again, offset, buffer);
                await _reads.ReadAsync(again, offset, wanted, hint, cancellationToken).ConfigureAwait(false);
                return wanted.Length;
            },
            cancellationToken);

    private async ValueTask<int[]> ReadRangesAsync(IReadOnlyList<FileRange> ranges, CancellationToken cancellationToken)
    {
        OpenFile file = Now;
        try
        {
            int[] counts = await VectoredRead.RunAsync(_reads, file, ranges, cancellationToken).ConfigureAwait(false);
            if (TryPin(file))
            {
                return counts;
            }
        }
        catch (DoraException e) when (IsOutdated(e, file))
        {
            // See below.
        }

        return await ReadRangesAgainAsync(file, ranges, cancellationToken).ConfigureAwait(false);
    }

    private ValueTask<int[]> ReadRangesAgainAsync(OpenFile changed, IReadOnlyList<FileRange> ranges, CancellationToken cancellationToken) =>
        AgainAsync(changed, again => VectoredRead.RunAsync(_reads, again, ranges, cancellationToken), cancellationToken);

    /// <summary>Whether bytes of a version may be given out; from then on no others are.</summary>
    private bool TryPin(OpenFile file) => (Volatile.Read(ref _told) ?? Interlocked.CompareExchange(ref _told, file, null) ?? file) == file;

    /// <summary>Whether a read failed because its version is gone, and no caller keeps to that version.</summary>
    private bool IsOutdated(DoraException error, OpenFile file) => error.Code == DoraErrorCode.VersionChanged && Volatile.Read(ref _told) != file;

    /// <summary>
    /// Reads the file once more: it changed while nobody had anything of it, or this read was of the version before the one that others were told of.
    /// </summary>
    private async ValueTask<T> AgainAsync<T>(OpenFile changed, Func<OpenFile, ValueTask<T>> read, CancellationToken cancellationToken)
    {
        OpenFile again = Volatile.Read(ref _told) ?? await ReopenAsync(changed, cancellationToken).ConfigureAwait(false);
        try
        {
            T result = await read(again).ConfigureAwait(false);
            if (TryPin(again))
            {
                return result;
            }
        }
        catch (DoraException e) when (IsOutdated(e, again))
        {
            if (Volatile.Read(ref _told) is null)
            {
                throw ChangedFiles.StillChanging(again.Target.Path);
            }
        }

        return await read(Pin()).ConfigureAwait(false);
    }

    /// <summary>Opens the file again, once whoever asks.</summary>
    private async Task<OpenFile> ReopenAsync(OpenFile changed, CancellationToken cancellationToken)
    {
        var mine = new Lazy<Task<OpenFile>>(() => _files.ReopenAsync(changed));
        Lazy<Task<OpenFile>> asked = Interlocked.CompareExchange(ref _again, mine, null) ?? mine;
        try
        {
            OpenFile again = await asked.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _opened, again);
            return again;
        }
        catch (DoraException e) when (e.Code == DoraErrorCode.VersionChanged)
        {
            throw ChangedFiles.StillChanging(changed.Target.Path);
        }
    }
}
