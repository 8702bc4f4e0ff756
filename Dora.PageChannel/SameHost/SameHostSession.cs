using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Dora.PageChannel.Client;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.PageChannel.SameHost;

/// <summary>
/// The connection to a worker on this host that gives open segments, and what it gave: at most <see cref="MaxFiles"/>, the one unused for longest goes. It ends with
/// the worker; then all is closed and reads take the page channel until the next one.
/// </summary>
internal sealed class SameHostSession : IDisposable
{
    /// <summary>Most open segments.</summary>
    public const int MaxFiles = 256;

    private const int NameSize = sizeof(ulong);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ulong, SegmentFile> _files = new();
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource<SegmentFile?>> _asked = new();
    private volatile bool _isEnded;

    /// <param name="worker">Whose segments they are, and who alone is asked where bytes lie in them.</param>
    /// <param name="socket">Where the worker has accepted the ticket.</param>
    /// <param name="time">Says which file was unused for longest.</param>
    public SameHostSession(WorkerChannel worker, Socket socket, TimeProvider time)
    {
        (Worker, _socket, _time) = (worker, socket, time);
        _ = ReceiveAsync();
    }

    /// <summary>The worker.</summary>
    public WorkerChannel Worker { get; }

    /// <summary>Whether the worker is there still, as far as is known.</summary>
    public bool IsOpen => !_isEnded;

    /// <summary>Where the pages of files lie.</summary>
    public LocatedPages Pages { get; } = new();

    /// <summary>Open segments.</summary>
    public int FileCount => _files.Count;

    /// <summary>A segment that was given before.</summary>
    public SegmentFile? Find(ulong segment) => _files.GetValueOrDefault(segment);

    /// <summary>A segment, asked for when it was not given before; <see langword="null"/> when the worker does not have it any more.</summary>
    public async Task<SegmentFile?> GetAsync(ulong segment)
    {
        try
        {
            return await AskAsync(segment).WaitAsync(Patience, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It is stopped or hung: its pages are read from others.
            Dispose();
            return null;
        }
    }

    private Task<SegmentFile?> AskAsync(ulong segment)
    {
        if (Find(segment) is { } known)
        {
            return Task.FromResult<SegmentFile?>(known);
        }

        var mine = new TaskCompletionSource<SegmentFile?>(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource<SegmentFile?> asked = _asked.GetOrAdd(segment, mine);
        if (asked == mine)
        {
            Span<byte> name = stackalloc byte[NameSize];
            BinaryPrimitives.WriteUInt64LittleEndian(name, segment);
            if (_isEnded || LinuxDescriptors.Send(_socket, name, null) != 0)
            {
                // Its queue is full: this one is read over the page channel.
                _asked.TryRemove(segment, out _);
                mine.TrySetResult(null);
            }
        }

        return asked.Task;
    }

    /// <summary>Closes all.</summary>
    public void Dispose()
    {
        _isEnded = true;
        _socket.Dispose();
        foreach (ulong segment in _asked.Keys)
        {
            if (_asked.TryRemove(segment, out TaskCompletionSource<SegmentFile?>? waiting))
            {
                waiting.TrySetResult(null);
            }
        }

        foreach (ulong segment in _files.Keys)
        {
            if (_files.TryRemove(segment, out SegmentFile? file))
            {
                file.Dispose();
            }
        }
    }

    private async Task ReceiveAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        byte[] name = new byte[NameSize];
        try
        {
            while (!_isEnded)
            {
                // Until there is something; .NET cannot take the descriptor with it.
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None).ConfigureAwait(false);
                int count = LinuxDescriptors.Receive(_socket, name, out SafeFileHandle? file);
                if (count == NameSize)
                {
                    Keep(BinaryPrimitives.ReadUInt64LittleEndian(name), file);
                }
                else if (count != -Errno.Again)
                {
                    file?.Dispose();
                    break;
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Ended, by the worker or from here.
        }

        Dispose();
    }

    private void Keep(ulong segment, SafeFileHandle? handle)
    {
        SegmentFile? file = handle is null ? null : new SegmentFile(handle, _time.GetTimestamp());
        if (file is not null)
        {
            MakeRoom();
            _files[segment] = file;
            if (_isEnded && _files.TryRemove(segment, out _))
            {
                file.Dispose();
            }
        }

        if (_asked.TryRemove(segment, out TaskCompletionSource<SegmentFile?>? waiting))
        {
            waiting.TrySetResult(file);
        }
    }

    private void MakeRoom()
    {
        while (_files.Count >= MaxFiles)
        {
            KeyValuePair<ulong, SegmentFile> oldest = _files.MinBy(static f => f.Value.LastUse);
            if (_files.TryRemove(oldest))
            {
                oldest.Value.Dispose();
            }
        }
    }
}
