namespace Dora.Cli.Get;

/// <summary>What a copy has done so far. For concurrent use.</summary>
/// <param name="time">The clock.</param>
/// <param name="report">Told of changes, some times a second: a share from 0 to 1, and a line of text.</param>
internal sealed class GetLedger(TimeProvider time, Action<double, string> report)
{
    /// <summary>The most failures that are named; others are counted.</summary>
    public const int MaxNamed = 100;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly List<GetFailure> _failures = [];
    private readonly SkippedTally _skipped = new();
    private long _filesFound;
    private long _bytesFound;
    private long _bytesMoved;
    private long _reportedAt;
    private bool _isAllFound;

    /// <summary>Files copied.</summary>
    public long Files { get; private set; }

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; private set; }

    /// <summary>Files that were there from an earlier run.</summary>
    public long Present { get; private set; }

    /// <summary>Files and directories that could not be copied.</summary>
    public long Failed { get; private set; }

    /// <summary>The first of these.</summary>
    public IReadOnlyList<GetFailure> Failures => _failures;

    /// <summary>What the listings left out.</summary>
    public IReadOnlyList<SkippedEntries> Skipped => _skipped.ToArray();

    /// <summary>A file is to be copied.</summary>
    public void Found(long bytes) => Change(() => (_filesFound, _bytesFound) = (_filesFound + 1, _bytesFound + bytes));

    /// <summary>No more will be found.</summary>
    public void AllFound() => Change(() => _isAllFound = true);

    /// <summary>Bytes have come, or go again when a file is begun anew.</summary>
    public void Moved(long bytes) => Change(() => _bytesMoved += bytes);

    /// <summary>A file is copied.</summary>
    public void Copied(long bytes) => Change(() => (Files, Bytes) = (Files + 1, Bytes + bytes));

    /// <summary>A file is there already.</summary>
    public void WasThere(long bytes) => Change(() => (Present, _bytesMoved) = (Present + 1, _bytesMoved + bytes));

    /// <summary>A listing left something out.</summary>
    public void LeftOut(IEnumerable<SkippedEntries> skipped) => Change(() => _skipped.Add(skipped));

    /// <summary>Something could not be copied.</summary>
    public void Fail(string path, string message) => Change(() =>
    {
        Failed++;
        if (_failures.Count < MaxNamed)
        {
            _failures.Add(new GetFailure(path, message));
        }
    });

    /// <summary>Reports once more.</summary>
    public void Ended()
    {
        lock (_lock)
        {
            Report();
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            if (_reportedAt == 0 || time.GetElapsedTime(_reportedAt) >= ReportEvery)
            {
                _reportedAt = time.GetTimestamp();
                Report();
            }
        }
    }

    /// <summary>No share before everything is found: it would stand at nearly all of it.</summary>
    private void Report() => report(
        _isAllFound && _bytesFound > 0 ? Math.Min(1, (double)_bytesMoved / _bytesFound) : 0,
        $"{Output.Format.Count(Files + Present)}/{Output.Format.Count(_filesFound)} files, {Output.Format.Bytes(_bytesMoved)}");
}
