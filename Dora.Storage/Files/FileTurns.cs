using System.Runtime.InteropServices;

namespace Dora.Storage.Files;

/// <summary>
/// One turn at a time for everything that changes what this worker has cached of a file, first come first served. Holders are told apart by file, and only files that are being changed take
/// room. A turn is not taken twice by one caller: who has it calls nothing that takes it.
/// </summary>
public sealed class FileTurns
{
    /// <summary>How many may wait for turns of the files of one shard; who comes then is refused.</summary>
    internal const int MaxWaitingPerShard = 1024;

    private const int Shards = 64;

    private readonly Shard[] _shards = [.. Enumerable.Range(0, Shards).Select(static _ => new Shard())];

    /// <summary>Files that are being changed now.</summary>
    internal int Held => _shards.Sum(static s => s.Held);

    /// <summary>How many wait for a turn now.</summary>
    internal int Waiting => _shards.Sum(static s => s.Waiting);

    /// <summary>Waits for the turn of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The turn; dispose it once.</returns>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Busy"/>: too many wait.</exception>
    public ValueTask<FileTurn> TakeAsync(FileId file, CancellationToken cancellationToken)
    {
        TaskCompletionSource? granted = ShardOf(file).Enter(file);
        return granted is null ? new ValueTask<FileTurn>(new FileTurn(this, file)) : WaitAsync(file, granted, cancellationToken);
    }

    internal void Release(FileId file) => ShardOf(file).Leave(file);

    private async ValueTask<FileTurn> WaitAsync(FileId file, TaskCompletionSource granted, CancellationToken cancellationToken)
    {
        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), granted))
        {
            await granted.Task.ConfigureAwait(false);
        }

        return new FileTurn(this, file);
    }

    private Shard ShardOf(FileId file) => _shards[file.Low % Shards];

    private sealed class Shard
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<FileId, Queue<TaskCompletionSource>?> _held = [];
        private int _waiting;

        public int Held
        {
            get
            {
                lock (_gate)
                {
                    return _held.Count;
                }
            }
        }

        public int Waiting => Volatile.Read(ref _waiting);

        /// <returns><see langword="null"/>: the turn is the caller's; else what completes when it is.</returns>
        public TaskCompletionSource? Enter(FileId file)
        {
            lock (_gate)
            {
                ref Queue<TaskCompletionSource>? waiters = ref CollectionsMarshal.GetValueRefOrAddDefault(_held, file, out bool isHeld);
                if (!isHeld)
                {
                    return null;
                }

                if (_waiting == MaxWaitingPerShard)
                {
                    throw new DoraException(DoraErrorCode.Busy, $"{MaxWaitingPerShard} changes of files wait for others in this worker already: try again later");
                }

                _waiting++;
                var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                (waiters ??= new Queue<TaskCompletionSource>()).Enqueue(granted);
                return granted;
            }
        }

        /// <summary>Hands the turn to the next who still waits.</summary>
        public void Leave(FileId file)
        {
            lock (_gate)
            {
                Queue<TaskCompletionSource>? waiters = _held[file];
                while (waiters is not null && waiters.TryDequeue(out TaskCompletionSource? next))
                {
                    _waiting--;
                    if (next.TrySetResult())
                    {
                        return;
                    }
                }

                _held.Remove(file);
            }
        }
    }
}
