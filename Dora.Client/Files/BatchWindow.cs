using System.Threading.Tasks.Sources;
using Microsoft.Extensions.ObjectPool;

namespace Dora.Client.Files;

/// <summary>
/// The files of a batch that are on their way or wait to be taken. Who takes them is one caller, who goes on where a file came in, so that what it asks for next
/// leaves with what others ask for in that turn.
/// </summary>
internal sealed class BatchWindow : IValueTaskSource
{
    private readonly Lock _lock = new();
    private readonly ObjectPool<BatchSlot> _slots;
    private readonly CancellationToken _stop;
    private readonly bool _inOrder;
    private readonly FileContent?[] _here;
    private ManualResetValueTaskSourceCore<bool> _core;
    private Exception? _failure;
    private int _asked;
    private int _came;
    private int _taken;
    private int _ended;
    private bool _isWaiting;
    private bool _isDraining;

    /// <summary>Creates it.</summary>
    /// <param name="slots">What a file on its way needs.</param>
    /// <param name="size">The most files in it.</param>
    /// <param name="inOrder">Whether they are taken in the order they were started in; else as they come.</param>
    /// <param name="stop">Ends those on their way.</param>
    public BatchWindow(ObjectPool<BatchSlot> slots, int size, bool inOrder, CancellationToken stop)
    {
        (_slots, _inOrder, _stop) = (slots, inOrder, stop);
        _here = new FileContent?[size];
    }

    /// <summary>Files started and not taken.</summary>
    public int Count => _asked - _taken;

    /// <summary>Starts the next file. By the caller who takes them, and only while there is room.</summary>
    public void Start(string path) => _slots.Get().Start(this, _asked++, path, _stop);

    /// <summary>Takes the next file, if it is here.</summary>
    /// <exception cref="OperationCanceledException">The batch was stopped.</exception>
    public FileContent? TryTake()
    {
        lock (_lock)
        {
            if (_failure is { } failure)
            {
                throw failure;
            }

            ref FileContent? next = ref _here[_taken % _here.Length];
            FileContent? content = next;
            next = null;
            _taken += content is null ? 0 : 1;
            return content;
        }
    }

    /// <summary>Waits until the next file is here, or one failed by surprise.</summary>
    public ValueTask WaitAsync()
    {
        lock (_lock)
        {
            _core.Reset();
            _isWaiting = !IsNextHere;
            if (!_isWaiting)
            {
                return default;
            }

            return new ValueTask(this, _core.Version);
        }
    }

    /// <summary>Waits until nothing is on its way any more, and gives everything back that was not taken.</summary>
    public async ValueTask DrainAsync()
    {
        lock (_lock)
        {
            _isDraining = true;
        }

        await WaitAsync().ConfigureAwait(false);

        foreach (FileContent? content in _here)
        {
            content?.Dispose();
        }
    }

    /// <summary>A file is here, or failed by surprise.</summary>
    internal void Put(BatchSlot slot, int index, FileContent? content, Exception? failure)
    {
        _slots.Return(slot);
        bool isWaitedFor;
        lock (_lock)
        {
            _ended++;
            _failure ??= failure;
            if (content is not null)
            {
                _here[(_inOrder ? index : _came++) % _here.Length] = content;
            }

            isWaitedFor = _isWaiting && IsNextHere;
            _isWaiting &= !isWaitedFor;
        }

        if (isWaitedFor)
        {
            _core.SetResult(true);
        }
    }

    // While it is drained all of them are waited for.
    private bool IsNextHere => _isDraining ? _ended == _asked : _failure is not null || _here[_taken % _here.Length] is not null;

    /// <inheritdoc/>
    void IValueTaskSource.GetResult(short token) => _core.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
