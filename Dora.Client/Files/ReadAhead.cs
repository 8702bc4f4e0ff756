using System.Buffers;
using Dora.PageChannel.Codec;

namespace Dora.Client.Files;

/// <summary>
/// Fetches the blocks that a forward reader will want next. The window opens with the second block in a row, doubles each time the reader has to wait for
/// a block that is still on its way, and closes when the reader goes elsewhere, as the read-ahead of operating systems does. The reader's own requests
/// never wait for it: a block that failed or is not there is fetched as if there were no read-ahead. Serves one caller at a time.
/// </summary>
/// <param name="file">The file.</param>
/// <param name="blockBytes">Bytes of a block.</param>
/// <param name="maxBlocks">Most blocks fetched ahead; 0 turns it off.</param>
internal sealed class ReadAhead(DoraFile file, int blockBytes, int maxBlocks)
{
    private readonly Queue<Block> _blocks = new();
    private CancellationTokenSource? _stop;
    private int _window;

    /// <summary>Blocks fetched ahead at most now.</summary>
    public int Window => _window;

    /// <summary>Takes the block that holds a position, if it is there or on its way.</summary>
    /// <returns>Start, rented buffer and bytes; a null buffer when it must be fetched.</returns>
    public async ValueTask<(long Start, byte[]? Buffer, int Count)> TryTakeAsync(long position, CancellationToken cancellationToken)
    {
        while (_blocks.TryPeek(out Block? block) && position >= block.Start + blockBytes)
        {
            // Skipped: the reader still goes forward.
            _blocks.Dequeue().Drop();
        }

        if (!_blocks.TryPeek(out Block? wanted) || position < wanted.Start)
        {
            Close();
            return default;
        }

        if (!wanted.Fetch.IsCompleted)
        {
            _window = Math.Min(_window * 2, maxBlocks);
            await ((Task)wanted.Fetch).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        if (!wanted.Fetch.IsCompletedSuccessfully)
        {
            Close();
            return default;
        }

        _blocks.Dequeue();
        return (wanted.Start, wanted.Buffer, wanted.Fetch.Result);
    }

    /// <summary>Tells that the reader, going forward, has everything before a position: what follows is fetched up to the window.</summary>
    public void GoOn(long position)
    {
        _window = Math.Max(_window, Math.Min(1, maxBlocks));
        long next = _blocks.Count > 0 ? _blocks.Last().Start + blockBytes : position;
        for (; _blocks.Count < _window && next < file.Now.Length; next += blockBytes)
        {
            _stop ??= new CancellationTokenSource();
            byte[] buffer = ArrayPool<byte>.Shared.Rent(blockBytes);
            Task<int> fetch = file.ReadAsync(next, buffer.AsMemory(0, blockBytes), ReadFlags.Sequential, _stop.Token).AsTask();
            _blocks.Enqueue(new Block(next, buffer, fetch));
        }
    }

    /// <summary>Drops what was fetched ahead.</summary>
    public void Close()
    {
        _window = 0;
        _stop?.Cancel();
        _stop = null;
        while (_blocks.TryDequeue(out Block? block))
        {
            block.Drop();
        }
    }

    private sealed record Block(long Start, byte[] Buffer, Task<int> Fetch)
    {
        /// <summary>Gives the buffer back when nothing writes to it any more.</summary>
        public void Drop() => _ = DropAsync();

        private async Task DropAsync()
        {
            await ((Task)Fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(Buffer);
        }
    }
}
