using System.Collections.Concurrent;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;
using Dora.Storage.Ufs;

namespace Dora.Storage.Files;

/// <summary>
/// Metadata of a worker's files. One question per file is on its way to the store at a time; who asks meanwhile shares its answer, a refresh too: such an
/// answer may have left the store just before the call. An answer with another version than the remembered one drops the old version's pages.
/// </summary>
public sealed class FileCatalog : IFileCatalog
{
    private readonly ConcurrentDictionary<FileId, Question> _asked = new();
    private readonly IMetadataStore _memory;
    private readonly IPageStore _pages;
    private readonly IUfsProvider _stores;
    private readonly IMetadataPeers _peers;
    private readonly FileCatalogOptions _options;
    private readonly FileTurns _turns;
    private readonly TimeProvider _time;
    private readonly ForgottenFiles _forgotten = new();
    private long _forgets;
    private long _changes;

    /// <summary>Creates a catalog.</summary>
    /// <param name="memory">Where metadata is remembered.</param>
    /// <param name="pages">Whose pages of old versions are dropped.</param>
    /// <param name="stores">The stores that are asked.</param>
    /// <param name="options">How long and how much is remembered.</param>
    /// <param name="time">The wall clock that stamps what is remembered.</param>
    /// <param name="turns">Taken while one version takes the place of another; shared with what else changes files on this worker.</param>
    /// <param name="peers">Who is asked before the stores; <see langword="null"/>: nobody.</param>
    public FileCatalog(
        IMetadataStore memory, IPageStore pages, IUfsProvider stores, FileCatalogOptions options, TimeProvider time, FileTurns? turns = null, IMetadataPeers? peers = null)
    {
        (_memory, _pages, _stores, _options, _time) = (memory, pages, stores, options, time);
        (_turns, _peers) = (turns ?? new FileTurns(), peers ?? IMetadataPeers.None);
    }

    /// <inheritdoc/>
    public long Changes => Volatile.Read(ref _changes);

    /// <inheritdoc/>
    public FileMetadata? TryGetFresh(MountedPath path) => TryGetFresh(path, FileId.FromUfsPath(path.UfsPath));

    /// <inheritdoc/>
    public FileMetadata? TryGetFresh(MountedPath path, FileId file)
    {
        FileMetadata? known = _memory.Get(file, path.UfsPath);
        return known is not null && IsFresh(known, path.Mount.Freshness) ? known : null;
    }

    /// <inheritdoc/>
    public FileMetadata? TryGetKnown(FileId file) => _memory.Get(file);

    /// <inheritdoc/>
    public FileMetadata? TryGetKnown(FileId file, string ufsPath) => _memory.Get(file, ufsPath);

    /// <inheritdoc/>
    public ValueTask RememberAsync(IReadOnlyList<FileMetadata> listed, CancellationToken cancellationToken)
    {
        long forgets = Volatile.Read(ref _forgets);
        FileMetadata[] kept = [.. listed.Where(m => !_forgotten.Covers(m, _options.ClockDifference))];
        return kept.Length > 0 ? RememberListedAsync(kept, forgets) : ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void ForgetNegative(string ufsPath)
    {
        _forgotten.AddUnder(ufsPath, _time.GetUtcNow());
        Interlocked.Increment(ref _forgets);
        _memory.RemoveNegative(ufsPath);
    }

    /// <inheritdoc/>
    public ValueTask<CatalogResult> GetAsync(MountedPath path, bool refresh, CancellationToken cancellationToken)
    {
        var id = FileId.FromUfsPath(path.UfsPath);
        if (!refresh && TryGetFresh(path, id) is { } fresh)
        {
            return new ValueTask<CatalogResult>(Result(fresh));
        }

        return new ValueTask<CatalogResult>(
            refresh ? RefreshAsync(path, id, cancellationToken) : AskUnlessStoreIsDownAsync(path, id, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask<UfsListResult> ListAsync(MountedPath path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        long forgets = Volatile.Read(ref _forgets);
        UfsListResult page;
        try
        {
            page = await _stores.Open(path.Mount.Ufs).ListAsync(path.Relative, continuation, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            (DoraErrorCode code, string error) = StoreFailure.Describe(e, path.UfsPath);
            return new UfsListResult(code == DoraErrorCode.NotSupported ? UfsStatus.NotSupported : UfsStatus.Unavailable, [], null, 0, error);
        }

        List<FileMetadata> entries = new(Math.Min(page.Entries.Count, _options.MaxRememberedPerListing));
        foreach (UfsEntry entry in page.Entries.Take(_options.MaxRememberedPerListing))
        {
            string relative = path.Relative.Length == 0 ? entry.Name : path.Relative + "/" + entry.Name;
            entries.Add(Describe(path.Mount.Ufs.Combine(relative), entry.Stat, now));
        }

        await RememberListedAsync(entries, forgets).ConfigureAwait(false);
        return page;
    }

    /// <inheritdoc/>
    public bool Forget(FileId file)
    {
        // Before the number: who reads the number first, and finds the new one, finds this too.
        _forgotten.Add(file, _time.GetUtcNow());
        Interlocked.Increment(ref _forgets);
        if (_asked.TryRemove(file, out Question? asked))
        {
            asked.Forget();
        }

        bool wasThere = _memory.Remove(file);
        Interlocked.Increment(ref _changes);
        return wasThere;
    }

    /// <inheritdoc/>
    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) => _memory.EnumerateUnder(ufsPath);

    private static CatalogResult Result(FileMetadata known) =>
        new(known.Kind == FileKind.Missing ? DoraErrorCode.NotFound : DoraErrorCode.None, known);

    private static FileMetadata Describe(string ufsPath, UfsStat stat, DateTimeOffset now) =>
        new(ufsPath, stat.Kind, stat.Length, stat.LastModified, stat.Version, now);

    private bool IsFresh(FileMetadata known, Freshness rule)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return rule.IsFresh(known.LoadedAt, now)
            && (known.Kind != FileKind.Missing || (known.LoadedAt <= now && now - known.LoadedAt < _options.NegativeMaxAge));
    }

    /// <summary>The store's answer; where it gives none and the mount's rule allows, what is remembered.</summary>
    private async Task<CatalogResult> AskUnlessStoreIsDownAsync(MountedPath path, FileId id, CancellationToken cancellationToken)
    {
        CatalogResult answer = await Ask(path, id, refresh: false).Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        return answer.Code == DoraErrorCode.Unavailable
            && _memory.Get(id, path.UfsPath) is { Kind: not FileKind.Missing } known
            && path.Mount.Freshness.IsUsableOnError(known.LoadedAt, _time.GetUtcNow())
            ? Result(known)
            : answer;
    }

    /// <summary>Shares a question that is on its way, but for one that was answered without the store.</summary>
    private async Task<CatalogResult> RefreshAsync(MountedPath path, FileId id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Question asked = Ask(path, id, refresh: true);
            CatalogResult answer = await asked.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!asked.IsStoreSpared)
            {
                return answer;
            }
        }
    }

    private Question Ask(MountedPath path, FileId id, bool refresh)
    {
        var mine = new Question();
        Question asked = _asked.GetOrAdd(id, mine);
        if (asked == mine)
        {
            _ = AnswerAsync(mine, path, id, refresh);
        }

        return asked;
    }

    private async Task AnswerAsync(Question question, MountedPath path, FileId id, bool refresh)
    {
        CatalogResult answer;
        try
        {
            // Between the caller's look and this question another one may have been answered.
            FileMetadata? fresh = refresh ? null : TryGetFresh(path, id) ?? await AskPeersAsync(question, path, id).ConfigureAwait(false);
            question.IsStoreSpared = fresh is not null;
            answer = fresh is not null ? Result(fresh) : await AskAsync(question, path, id).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            (DoraErrorCode code, string error) = StoreFailure.Describe(e, path.UfsPath);
            answer = new CatalogResult(code, null, error);
        }

        _asked.TryRemove(new KeyValuePair<FileId, Question>(id, question));
        question.SetAnswer(answer);
    }

    /// <summary>What another worker knows, when it is fresh by the mount's rule and was not forgotten here since it was loaded: before the question, or while it was on its way.</summary>
    private async ValueTask<FileMetadata?> AskPeersAsync(Question question, MountedPath path, FileId id)
    {
        if (path.Mount.Freshness.Mode == FreshnessMode.ValidateOnOpen
            || await _peers.FindAsync(path, id, CancellationToken.None).ConfigureAwait(false) is not { } found
            || !IsFresh(found, path.Mount.Freshness)
            || _forgotten.Covers(found, _options.ClockDifference))
        {
            return null;
        }

        FileMetadata known = await AcceptAsync(question, path, found).ConfigureAwait(false);
        if (!_forgotten.Covers(found, _options.ClockDifference))
        {
            return known;
        }

        _memory.Remove(id);
        return null;
    }

    private async Task<CatalogResult> AskAsync(Question question, MountedPath path, FileId id)
    {
        // Stamped before the store is asked: an answer is never taken for younger than it is.
        DateTimeOffset now = _time.GetUtcNow();
        FileMetadata? known = _memory.Get(id, path.UfsPath);
        UfsStatResult result = await AskStoreAsync(path, known).ConfigureAwait(false);
        if (result.Status is not (UfsStatus.Ok or UfsStatus.NotFound or UfsStatus.NotModified))
        {
            return new CatalogResult(
                result.Status.ToErrorCode(), null, result.Error ?? $"the store of '{path.UfsPath}' answered {result.Status}: check the mount");
        }

        FileMetadata found = result.Status switch
        {
            UfsStatus.Ok => Describe(path.UfsPath, result.Stat, now),
            UfsStatus.NotModified => known! with { LoadedAt = now },
            _ => FileMetadata.Missing(path.UfsPath, now),
        };

        return Result(await AcceptAsync(question, path, found).ConfigureAwait(false));
    }

    /// <summary>Remembers an answer, of the store or of another worker, and drops the pages of another version.</summary>
    /// <returns>The newest that is known.</returns>
    private async ValueTask<FileMetadata> AcceptAsync(Question question, MountedPath path, FileMetadata found)
    {
        // A listing may have answered while this question was slow on its way; then that is the newer word, and its pages stay.
        FileMetadata? known = _memory.Get(found.Id, path.UfsPath);
        bool isChange = IsOther(known, found) && (known is null || known.LoadedAt <= found.LoadedAt || known.LoadedAt > _time.GetUtcNow());
        using FileTurn turn = isChange ? await _turns.TakeAsync(found.Id, CancellationToken.None).ConfigureAwait(false) : default;
        if (isChange)
        {
            await DropOldPagesAsync(found).ConfigureAwait(false);
        }

        return question.Remember(_memory, found);
    }

    /// <summary>Conditionally where the store can: what has not changed is not described again.</summary>
    private ValueTask<UfsStatResult> AskStoreAsync(MountedPath path, FileMetadata? known)
    {
        IUfs store = _stores.Open(path.Mount.Ufs);
        return known is { Kind: FileKind.File } && store.Capabilities.HasFlag(UfsCapabilities.ConditionalStat)
            ? store.StatIfChangedAsync(path.Relative, known.Version, CancellationToken.None)
            : store.StatAsync(path.Relative, CancellationToken.None);
    }

    /// <summary>Unless something was forgotten since the store was asked: it may have been this, and what the store said then is not to come back.</summary>
    private async ValueTask RememberListedAsync(IReadOnlyList<FileMetadata> entries, long forgets)
    {
        if (forgets != Volatile.Read(ref _forgets))
        {
            return;
        }

        List<FileMetadata> changed = [];
        _memory.PutUnlessNewer(entries, changed);
        if (forgets != Volatile.Read(ref _forgets))
        {
            foreach (FileMetadata entry in entries)
            {
                _memory.Remove(entry.Id);
            }
        }

        if (changed.Count > 0)
        {
            Interlocked.Increment(ref _changes); // a turn may be waited for
        }

        foreach (FileMetadata found in changed)
        {
            using FileTurn turn = await _turns.TakeAsync(found.Id, CancellationToken.None).ConfigureAwait(false);
            await DropOldPagesAsync(found).ConfigureAwait(false);
        }
    }

    private static bool IsOther(FileMetadata? known, FileMetadata found) => known is null || known.Kind != found.Kind || known.Version != found.Version;

    /// <summary>In the file's turn.</summary>
    private async ValueTask DropOldPagesAsync(FileMetadata found)
    {
        Interlocked.Increment(ref _changes);
        await _pages.RemoveAsync(found.Id, found.Version, CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>One question on its way.</summary>
    private sealed class Question
    {
        private readonly TaskCompletionSource<CatalogResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _gate = new();
        private bool _forgotten;

        public Task<CatalogResult> Answer => _answer.Task;

        /// <summary>Whether the store was not asked; set before the answer.</summary>
        public bool IsStoreSpared { get; set; }

        public void SetAnswer(CatalogResult answer) => _answer.SetResult(answer);

        /// <summary>The path was invalidated after the store was asked: the answer may be old and is not remembered.</summary>
        public void Forget()
        {
            lock (_gate)
            {
                _forgotten = true;
            }
        }

        /// <returns>The newest that is known.</returns>
        public FileMetadata Remember(IMetadataStore memory, FileMetadata found)
        {
            lock (_gate)
            {
                return _forgotten ? found : memory.PutUnlessNewer(found);
            }
        }
    }
}
