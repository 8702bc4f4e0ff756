using Dora.Core.Linux;
using Dora.Diagnostics;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Storage.Ufs;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Files;

/// <summary>
/// Read-through: what the page store has comes from there without a task or an allocation; the rest is cut into windows of at most one store
/// request, a few of them at a time, each served by fetches that concurrent readers share. Random reads fetch 64 KiB blocks, forward readers, loads and
/// reads of at least half a page fetch whole pages. Fetched bytes are served also when the page store cannot take them.
/// </summary>
public sealed class FileReader : IFileReader, IWarmLoans, IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly IPageStore _pages;
    private readonly IUfsProvider _stores;
    private readonly IClusterState _cluster;
    private readonly FileReaderOptions _options;
    private readonly ByteBudget _budget;
    private readonly FetchTable _table;
    private readonly FetchRunner _runner;

    /// <summary>Creates a reader; the page store stays the caller's and must outlive it.</summary>
    /// <param name="pages">Where pages are cached.</param>
    /// <param name="stores">The under stores.</param>
    /// <param name="cluster">Its mount table says which store and which page size a file has.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="peers">Other workers, asked before the under stores; none when left out.</param>
    /// <param name="time">What requests are measured by; the system's clock when left out.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: an option is out of range.</exception>
    public FileReader(IPageStore pages, IUfsProvider stores, IClusterState cluster, FileReaderOptions options, IPagePeers? peers = null, TimeProvider? time = null)
    {
        options.Validate();
        (_pages, _stores, _cluster, _options) = (pages, stores, cluster, options);
        _budget = new ByteBudget(options.MaxInFlightBytes);
        _table = new FetchTable(_budget);
        _runner = new FetchRunner(_table, peers ?? NoPagePeers.Instance, new StoreRequests(time ?? TimeProvider.System), _stop.Token);
    }

    /// <summary>Bytes read from the under stores since start.</summary>
    public long StoreBytes => _runner.StoreBytes;

    /// <summary>Bytes of memory that fetches may still take.</summary>
    internal long FreeFetchBytes => _budget.Free;

    /// <inheritdoc/>
    public ValueTask<FileReadResult> ReadAsync(
        FileMetadata file, ByteRange range, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<FileReadResult>(cancellationToken);
        }

        ByteRange wanted = range.Within(file.Length);
        if (destination.Length < wanted.Length)
        {
            throw new ArgumentException($"{destination.Length} bytes of memory for {wanted.Length} bytes of the file", nameof(destination));
        }

        if (TryResolve(file, out Source source) is { } refusal)
        {
            return new ValueTask<FileReadResult>(new FileReadResult(refusal.Code, 0, 0, refusal.Error));
        }

        destination = destination[..(int)wanted.Length];
        if (mode == FileReadMode.CachedOnly)
        {
            // Another worker's question: that nothing is here is no miss of a reader.
            destination = destination[..(int)source.File.Probe(wanted.Offset, wanted.Length)];
            return new ValueTask<FileReadResult>(new FileReadResult(DoraErrorCode.None, source.File.Read(wanted.Offset, destination.Span), 0));
        }

        int read = source.File.Read(wanted.Offset, destination.Span);
        return read == destination.Length
            ? new ValueTask<FileReadResult>(new FileReadResult(DoraErrorCode.None, read, 0))
            : ReadRestAsync(source, wanted, read, destination, mode, cancellationToken);
    }

    /// <inheritdoc/>
    public bool TryReadWarm(FileMetadata file, ByteRange range, Span<byte> destination) =>
        TryResolve(file, out Source source) is null && source.File.TryReadWarm(range.Offset, destination[..(int)range.Length]);

    /// <inheritdoc/>
    bool IWarmLoans.TryLendWarm(FileMetadata file, ByteRange range, out LentBytes lent)
    {
        lent = default;
        return TryResolve(file, out Source source) is null && source.File.TryLendWarm(range.Offset, (int)range.Length, out lent);
    }

    /// <inheritdoc/>
    public int Locate(FileMetadata file, ByteRange range, long end, bool mayWait, Span<PageLocation> locations, out bool isWhole)
    {
        isWhole = false;
        if (TryResolve(file, out Source source) is not null)
        {
            return 0;
        }

        int found = 0;
        long position = range.Offset;
        bool hasGap = false;
        while (position < range.End && found < locations.Length)
        {
            int more = source.File.Locate(position, range.End, mayWait ? LocateMode.Wait : LocateMode.Warm, locations[found..]);
            found += more;
            position = more > 0 ? locations[found - 1].End : position;
            if (position < range.End && found < locations.Length)
            {
                // Not cached up to the end of the block at least.
                hasGap = true;
                position = mayWait ? ((position / PageGeometry.ExtentGrid) + 1) * PageGeometry.ExtentGrid : range.End;
            }
        }

        isWhole = !hasGap && position >= range.End;
        return isWhole && end > position ? found + source.File.Locate(position, Math.Min(end, file.Length), LocateMode.Ahead, locations[found..]) : found;
    }

    /// <inheritdoc/>
    public SafeFileHandle? OpenSegment(ulong segment) => _pages.OpenSegment(segment);

    /// <inheritdoc/>
    public async ValueTask<FileLoadResult> LoadAsync(FileMetadata file, ByteRange range, CancellationToken cancellationToken)
    {
        if (TryResolve(file, out Source source) is { } refusal)
        {
            return new FileLoadResult(refusal.Code, 0, 0, refusal.Error);
        }

        ByteRange wanted = range.Within(file.Length);
        Task<WindowResult> work = wanted.Length > 0 && (wanted.End - 1) / WindowBytes(source) == wanted.Offset / WindowBytes(source)
            ? LoadWindowAsync(source, wanted, cancellationToken)
            : LoadWindowsAsync(source, wanted, cancellationToken);
        WindowResult result = await GuardAsync(work, source, cancellationToken).ConfigureAwait(false);
        return result.Code == DoraErrorCode.None
            ? new FileLoadResult(DoraErrorCode.None, result.Fetched, wanted.Length - result.Fetched)
            : new FileLoadResult(result.Code, result.Fetched, 0, result.Error);
    }

    /// <inheritdoc/>
    public ValueTask<long> FreeAsync(FileId file, CancellationToken cancellationToken) => new(_pages.Remove(file, FileVersion.None));

    /// <summary>Stops the fetches in flight and waits until the last one has left.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _budget.Close();
        await _table.CloseAsync().ConfigureAwait(false);
    }

    private (DoraErrorCode Code, string Error)? TryResolve(FileMetadata file, out Source source)
    {
        source = default;
        if (file.Kind != FileKind.File)
        {
            return file.Kind == FileKind.Directory
                ? (DoraErrorCode.IsDirectory, $"'{file.UfsPath}' is a directory")
                : (DoraErrorCode.NotFound, $"'{file.UfsPath}' does not exist");
        }

        if (_cluster.Current.Mounts.MountOfUfs(file.UfsPath) is not { } mount)
        {
            return (DoraErrorCode.NotMounted, $"'{file.UfsPath}' is under no mount: mount it");
        }

        source = new Source(new PagedFile(_pages, file, mount.Geometry), mount.Ufs);
        return null;
    }

    private async ValueTask<FileReadResult> ReadRestAsync(
        Source source, ByteRange wanted, int read, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken)
    {
        var rest = new ByteRange(wanted.Offset + read, wanted.Length - read);
        WindowResult result = await GuardAsync(ForEachWindowAsync(
            source,
            rest,
            window => ReadWindowAsync(source, window, destination.Slice((int)(window.Offset - wanted.Offset), (int)window.Length), mode, cancellationToken),
            cancellationToken), source, cancellationToken).ConfigureAwait(false);
        return result.Code == DoraErrorCode.None
            ? new FileReadResult(DoraErrorCode.None, destination.Length, (int)result.Fetched)
            : new FileReadResult(result.Code, 0, 0, result.Error);
    }

    /// <summary>
    /// Cuts a range where requests end and works on a few parts at a time; starts no more after a failure. When it returns, or throws, nothing touches the
    /// caller's memory any more.
    /// </summary>
    private async Task<WindowResult> ForEachWindowAsync(
        Source source, ByteRange range, Func<ByteRange, Task<WindowResult>> work, CancellationToken cancellationToken)
    {
        long step = WindowBytes(source);
        var running = new List<Task<WindowResult>>(_options.ParallelRequests);
        Task<WindowResult>? broken = null;
        var total = default(WindowResult);
        for (long position = range.Offset; position < range.End && total.Code == DoraErrorCode.None && broken is null && !cancellationToken.IsCancellationRequested;)
        {
            long end = Math.Min(range.End, ((position / step) + 1) * step);
            running.Add(work(new ByteRange(position, end - position)));
            position = end;
            if (running.Count == _options.ParallelRequests)
            {
                Task<WindowResult> done = await Task.WhenAny(running).ConfigureAwait(false);
                running.Remove(done);
                (total, broken) = done.IsCompletedSuccessfully ? (total.Plus(done.Result), null) : (total, done);
            }
        }

        foreach (WindowResult result in await Task.WhenAll(running).ConfigureAwait(false))
        {
            total = total.Plus(result);
        }

        if (broken is not null)
        {
            await broken.ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return total;
    }

    /// <summary>A surprise becomes a result; only the caller's cancellation is thrown.</summary>
    private static async Task<WindowResult> GuardAsync(Task<WindowResult> work, Source source, CancellationToken cancellationToken)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            (DoraErrorCode code, string error) = StoreFailure.Describe(e, source.File.File.UfsPath);
            return new WindowResult(code, 0, error);
        }
    }

    private async Task<WindowResult> ReadWindowAsync(
        Source source, ByteRange window, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken)
    {
        long epoch = _table.Epoch;
        List<ByteRange> gaps = source.File.CopyCached(window, destination.Span);
        if (gaps.Count == 0)
        {
            return default;
        }

        if (mode == FileReadMode.StoreDirect)
        {
            return await ReadDirectAsync(source, window, gaps, destination, cancellationToken).ConfigureAwait(false);
        }

        List<long> blocks = MissingBlocks.For(source.File, window, gaps, mode == FileReadMode.Sequential);
        var copies = new List<Task<WindowResult>>();
        foreach (ExtentFetch fetch in Claim(source, blocks, epoch, loaded: false))
        {
            copies.Add(CopyFetchedAsync(fetch, window, gaps, destination, cancellationToken));
        }

        return Sum(await Task.WhenAll(copies).ConfigureAwait(false));
    }

    private long WindowBytes(in Source source) => Math.Max(_options.MaxRequestBytes / source.File.Geometry.Size, 1) * (long)source.File.Geometry.Size;

    private Task<WindowResult> LoadWindowsAsync(Source source, ByteRange range, CancellationToken cancellationToken) =>
        ForEachWindowAsync(source, range, window => LoadWindowAsync(source, window, cancellationToken), cancellationToken);

    private async Task<WindowResult> LoadWindowAsync(Source source, ByteRange window, CancellationToken cancellationToken)
    {
        long epoch = _table.Epoch;
        ByteRange pages = window.AlignTo(source.File.Geometry.Size).Within(source.File.File.Length);
        List<long> blocks = [.. MissingBlocks.NotCached(source.File, pages)];
        var stores = new List<Task<WindowResult>>();
        foreach (ExtentFetch fetch in Claim(source, blocks, epoch, loaded: true))
        {
            stores.Add(AwaitStoredAsync(fetch, window, cancellationToken));
        }

        return Sum(await Task.WhenAll(stores).ConfigureAwait(false));
    }

    private List<ExtentFetch> Claim(Source source, List<long> blocks, long epoch, bool loaded)
    {
        IUfs store = _stores.Open(source.Root);
        PagePlacement placement = PagedFile.PlacementOf(source.File.File, _cluster.Current.Mounts) with { Loaded = loaded };
        var fetches = new List<ExtentFetch>();
        long maxBytes = Math.Max(_options.MaxRequestBytes, source.File.Geometry.Size);
        foreach ((ExtentFetch fetch, bool isNew) in _table.Claim(source.File.File, blocks, epoch, maxBytes))
        {
            fetches.Add(fetch);
            if (isNew)
            {
                _ = _runner.RunAsync(fetch, source.File, store, source.Relative, placement);
            }
            else
            {
                DoraInstruments.FillCoalesced.Add(1);
            }
        }

        return fetches;
    }

    private static async Task<WindowResult> CopyFetchedAsync(
        ExtentFetch fetch, ByteRange window, List<ByteRange> gaps, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            if (!gaps.Exists(g => !g.Intersect(fetch.Range).IsEmpty))
            {
                // The rest of a page: nobody here needs it now.
                return default;
            }

            FetchOutcome outcome = await fetch.Fetched.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (outcome.Code != DoraErrorCode.None)
            {
                return new WindowResult(outcome.Code, 0, outcome.Error);
            }

            long fromStore = 0;
            foreach (ByteRange gap in gaps)
            {
                ByteRange part = gap.Intersect(fetch.Range);
                if (!part.IsEmpty)
                {
                    fetch.Buffer.Slice((int)(part.Offset - fetch.Range.Offset), (int)part.Length)
                        .CopyTo(destination[(int)(part.Offset - window.Offset)..]);
                    fromStore += fetch.FromStoreOf(part);
                }
            }

            return new WindowResult(DoraErrorCode.None, fromStore, null);
        }
        finally
        {
            fetch.Release();
        }
    }

    private static async Task<WindowResult> AwaitStoredAsync(ExtentFetch fetch, ByteRange window, CancellationToken cancellationToken)
    {
        try
        {
            FetchOutcome outcome = await fetch.Stored.WaitAsync(cancellationToken).ConfigureAwait(false);
            return outcome switch
            {
                { Code: not DoraErrorCode.None } => new WindowResult(outcome.Code, 0, outcome.Error),
                { Put: PutOutcome.Full } => new WindowResult(
                    DoraErrorCode.Busy, 0, $"the page store has no room for '{fetch.File.UfsPath}': all of it is in use, or a page is larger than it"),
                { Put: PutOutcome.Failed } => new WindowResult(
                    DoraErrorCode.Unavailable, 0, $"the worker's disk refuses pages of '{fetch.File.UfsPath}': see its log"),
                _ => new WindowResult(DoraErrorCode.None, fetch.RequestedOf(window), null),
            };
        }
        finally
        {
            fetch.Release();
        }
    }

    private async Task<WindowResult> ReadDirectAsync(
        Source source, ByteRange window, List<ByteRange> gaps, Memory<byte> destination, CancellationToken cancellationToken)
    {
        IUfs store = _stores.Open(source.Root);
        var total = default(WindowResult);
        foreach (ByteRange gap in gaps)
        {
            Memory<byte> part = destination.Slice((int)(gap.Offset - window.Offset), (int)gap.Length);
            FetchOutcome outcome;
            try
            {
                outcome = await _runner.RequestAsync(source.File.File, gap, part, store, source.Relative, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                (DoraErrorCode code, string error) = StoreFailure.Describe(e, source.File.File.UfsPath);
                outcome = new FetchOutcome(code, error);
            }

            total = total.Plus(new WindowResult(outcome.Code, outcome.Code == DoraErrorCode.None ? gap.Length : 0, outcome.Error));
        }

        return total;
    }

    private static WindowResult Sum(WindowResult[] parts)
    {
        var total = default(WindowResult);
        foreach (WindowResult part in parts)
        {
            total = total.Plus(part);
        }

        return total;
    }

    /// <summary>A file, and where it is cached and where it comes from.</summary>
    private readonly record struct Source(PagedFile File, UfsUri Root)
    {
        public string Relative => Root.TryGetRelative(File.File.UfsPath, out string relative) ? relative : string.Empty;
    }

    /// <summary>The outcome of a part; of several, the first failure.</summary>
    private readonly record struct WindowResult(DoraErrorCode Code, long Fetched, string? Error)
    {
        public WindowResult Plus(WindowResult other) =>
            Code != DoraErrorCode.None ? this with { Fetched = Fetched + other.Fetched } : other with { Fetched = Fetched + other.Fetched };
    }
}
