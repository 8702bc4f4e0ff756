using System.Collections.Concurrent;
using Dora.Diagnostics;
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
    private const int AnswerCounters = 1024; // a power of two

    private readonly ConcurrentDictionary<FileId, Question> _asked = new();
    private readonly long[] _answers = new long[AnswerCounters];
    private readonly IMetadataStore _memory;
    private readonly IPageStore _pages;
    private readonly IUfsProvider _stores;
    private readonly IMetadataPeers _peers;
    private readonly FileCatalogOptions _options;
    private readonly FileTurns _turns;
    private readonly TimeProvider _time;
    private readonly StoreRequests _requests;
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
        _requests = new StoreRequests(time);
        (_turns, _peers) = (turns ?? new FileTurns(), peers ?? NoMetadataPeers.Instance);
    }

    /// <inheritdoc/>
    public long Changes => Volatile.Read(ref _changes);

    /// <inheritdoc/>
    public FileMetadata? TryGetFresh(MountedPath path, FileId file) => Fresh(_memory.TryGetFromMemory(file, path.UfsPath), path);

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
        if (refresh)
        {
            return new ValueTask<CatalogResult>(RefreshAsync(path, id, cancellationToken));
        }

        Look look = LookUp(path, id);
        return Fresh(look.Known, path) is { } fresh
            ? new ValueTask<CatalogResult>(Result(fresh))
            : new ValueTask<CatalogResult>(AskUnlessStoreIsDownAsync(path, id, look, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask<UfsListResult> ListAsync(MountedPath path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        DateTimeOffset now = _time.GetUtcNow();
        long forgets = Volatile.Read(ref _forgets);
        UfsListResult page;
        try
        {
            page = await _requests.ListAsync(_stores.Open(path.Mount.Ufs), path.Relative, continuation, limit, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            (DoraErrorCode code, string error) = StoreFailure.Describe(e, path.UfsPath);
            return new UfsListResult(code == DoraErrorCode.NotSupported ? UfsStatus.NotSupported : UfsStatus.Unavailable, [], null, error);
        }

        List<FileMetadata> entries = new(Math.Min(page.Entries.Count, _options.MaxRememberedPerListing));
        foreach (UfsEntry entry in page.Entries.Take(_options.MaxRememberedPerListing))
        {
            string relative = path.Relative.Length == 0 ? entry.Name : path.Relative + "/" + entry.Name;
            FileMetadata found = Describe(path.Mount.Ufs.Combine(relative), entry.Stat, now);
            if (_options.RemembersListed(found.Id))
            {
                entries.Add(found);
            }
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

    private static CatalogResult Result(FileMetadata known, bool fromStore = false) =>
        new(known.Kind == FileKind.Missing ? DoraErrorCode.NotFound : DoraErrorCode.None, known, null, fromStore);

    private static FileMetadata Describe(string ufsPath, UfsStat stat, DateTimeOffset now) =>
        new(ufsPath, stat.Kind, stat.Length, stat.LastModified, stat.Version, now);

    private FileMetadata? Fresh(FileMetadata? known, MountedPath path) => known is not null && IsFresh(known, path.Mount.Freshness) ? known : null;

    /// <summary>The one look that a question needs, as long as no other answer has come since.</summary>
    private Look LookUp(MountedPath path, FileId id)
    {
        long answers = Volatile.Read(ref AnswersOf(id));
        return new Look(_memory.Get(id, path.UfsPath), answers);
    }

    /// <summary>Grows when a question about a file, or about one that shares its counter, has been answered.</summary>
    private ref long AnswersOf(FileId id) => ref _answers[(int)(id.Low & (AnswerCounters - 1))];

    private bool IsFresh(FileMetadata known, Freshness rule)
    {
        DateTimeOffset now = _time.GetUtcNow();
        return rule.IsFresh(known.LoadedAt, now)
            && (known.Kind != FileKind.Missing || (known.LoadedAt <= now && now - known.LoadedAt < _options.NegativeMaxAge));
    }

    /// <summary>The store's answer; where it gives none and the mount's rule allows, what is remembered.</summary>
    private async Task<CatalogResult> AskUnlessStoreIsDownAsync(MountedPath path, FileId id, Look look, CancellationToken cancellationToken)
    {
        CatalogResult answer = await Ask(path, id, look).Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (answer.Code != DoraErrorCode.Unavailable
            || _memory.Get(id, path.UfsPath) is not { Kind: not FileKind.Missing } known
            || !path.Mount.Freshness.IsUsableOnError(known.LoadedAt, _time.GetUtcNow()))
        {
            return answer;
        }

        DoraInstruments.StaleAge.Record((_time.GetUtcNow() - known.LoadedAt).TotalSeconds, DoraInstruments.Label(DoraLabels.Mount, path.Mount.Path.Value));
        return Result(known);
    }

    /// <summary>Shares a question that is on its way, but for one that was answered without the store.</summary>
    private async Task<CatalogResult> RefreshAsync(MountedPath path, FileId id, CancellationToken cancellationToken)
    {
        while (true)
        {
            Question asked = Ask(path, id, look: null);
            CatalogResult answer = await asked.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
            if (!asked.IsStoreSpared)
            {
                return answer;
            }
        }
    }

    /// <param name="path">The path.</param>
    /// <param name="id">Its file id.</param>
    /// <param name="look">What the caller found, not fresh; <see langword="null"/>: it wants the store asked whatever is known.</param>
    private Question Ask(MountedPath path, FileId id, Look? look)
    {
        var mine = new Question();
        Question asked = _asked.GetOrAdd(id, mine);
        if (asked == mine)
        {
            _ = AnswerAsync(mine, path, id, look);
        }

        return asked;
    }

    private async Task AnswerAsync(Question question, MountedPath path, FileId id, Look? look)
    {
        CatalogResult answer;
        try
        {
            // Between the caller's look and this question another one may have been answered.
            Look now = look is { } held && held.Answers == Volatile.Read(ref AnswersOf(id)) ? held : LookUp(path, id);
            FileMetadata? fresh = look is null ? null : Fresh(now.Known, path) ?? await AskPeersAsync(question, path, id, now.Known).ConfigureAwait(false);
            question.IsStoreSpared = fresh is not null;
            answer = fresh is not null ? Result(fresh) : await AskAsync(question, path, id, now.Known).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            (DoraErrorCode code, string error) = StoreFailure.Describe(e, path.UfsPath);
            answer = new CatalogResult(code, null, error);
        }

        // Counted before the question goes: who looked before this answer was remembered, and asks after it, looks again.
        Interlocked.Increment(ref AnswersOf(id));
        _asked.TryRemove(new KeyValuePair<FileId, Question>(id, question));
        question.SetAnswer(answer);
    }

    /// <summary>What another worker knows, when it is fresh by the mount's rule and was not forgotten here since it was loaded: before the question, or while it was on its way.</summary>
    private async ValueTask<FileMetadata?> AskPeersAsync(Question question, MountedPath path, FileId id, FileMetadata? known)
    {
        if (path.Mount.Freshness.Mode == FreshnessMode.ValidateOnOpen
            || await _peers.FindAsync(path, id, CancellationToken.None).ConfigureAwait(false) is not { } found
            || !IsFresh(found, path.Mount.Freshness)
            || _forgotten.Covers(found, _options.ClockDifference))
        {
            return null;
        }

        FileMetadata newest = await AcceptAsync(question, known, found).ConfigureAwait(false);
        if (!_forgotten.Covers(found, _options.ClockDifference))
        {
            return newest;
        }

        _memory.Remove(id);
        return null;
    }

    private async Task<CatalogResult> AskAsync(Question question, MountedPath path, FileId id, FileMetadata? known)
    {
        // Stamped before the store is asked: an answer is never taken for younger than it is.
        DateTimeOffset now = _time.GetUtcNow();
        long forgets = Volatile.Read(ref _forgets);
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

        FileMetadata newest = await AcceptAsync(question, known, found).ConfigureAwait(false);
        if (forgets != Volatile.Read(ref _forgets) && _forgotten.Covers(found, TimeSpan.Zero))
        {
            // A path above was invalidated after the store was asked, by somebody who could not know of this file: the answer may be from before.
            _memory.Remove(id);
        }

        return Result(newest, fromStore: true);
    }

    /// <summary>Remembers an answer, of the store or of another worker, and drops the pages of another version.</summary>
    /// <returns>The newest that is known.</returns>
    private async ValueTask<FileMetadata> AcceptAsync(Question question, FileMetadata? known, FileMetadata found)
    {
        bool isChange = IsOther(known, found);
        using FileTurn turn = isChange ? await _turns.TakeAsync(found.Id, CancellationToken.None).ConfigureAwait(false) : default;

        // A listing may have answered while this question was slow on its way; then that is the newer word, and its pages stay.
        FileMetadata newest = question.Remember(_memory, found, out FileMetadata? before);
        if (ReferenceEquals(newest, found) && IsOther(before, found))
        {
            using FileTurn late = isChange ? default : await _turns.TakeAsync(found.Id, CancellationToken.None).ConfigureAwait(false);
            DropOldPages(found);
        }

        return newest;
    }

    /// <summary>Conditionally where the store can: what has not changed is not described again.</summary>
    private ValueTask<UfsStatResult> AskStoreAsync(MountedPath path, FileMetadata? known) => _requests.StatAsync(
        _stores.Open(path.Mount.Ufs), path.Relative, known is { Kind: FileKind.File } ? known.Version : FileVersion.None, CancellationToken.None);

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
            DropOldPages(found);
        }
    }

    private static bool IsOther(FileMetadata? known, FileMetadata found) => known is null || known.Kind != found.Kind || known.Version != found.Version;

    /// <summary>In the file's turn.</summary>
    private void DropOldPages(FileMetadata found)
    {
        Interlocked.Increment(ref _changes);
        _pages.Remove(found.Id, found.Version);
    }

    /// <summary>What was remembered of a file, and how many questions had been answered before the look.</summary>
    private readonly record struct Look(FileMetadata? Known, long Answers);

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

        /// <summary>Remembers the answer, unless something newer is remembered.</summary>
        /// <param name="memory">Where.</param>
        /// <param name="found">The answer.</param>
        /// <param name="before">What was remembered.</param>
        /// <returns>The newest that is known.</returns>
        public FileMetadata Remember(IMetadataStore memory, FileMetadata found, out FileMetadata? before)
        {
            lock (_gate)
            {
                before = null;
                return _forgotten ? found : memory.PutUnlessNewer(found, out before);
            }
        }
    }
}
