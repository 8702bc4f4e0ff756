using System.Collections.Concurrent;
using Dora.Grains.Files;
using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Grains.Workers;

/// <summary>
/// Makes many files cached on this worker: what was listed of them is remembered in few writes, then they are loaded, a bounded number at a time, each in its turn. One that takes long is left to itself:
/// the fetch goes on, and who asks for the file next joins it.
/// </summary>
internal sealed class BatchLoader(FileChanges changes, IFileCatalog catalog, IClusterState cluster, ILocalSiloDetails local, TimeProvider time)
{
    /// <summary>No file is begun later than this after the first, so that an answer comes well within the time limit of the call, whatever the store does.</summary>
    private static readonly TimeSpan BeginWithin = TimeSpan.FromSeconds(15);

    /// <summary>How long a batch waits for one file.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Loads a batch.</summary>
    public async Task<LoadBatchReply> LoadAsync(LoadBatch batch, CancellationToken cancellationToken)
    {
        ClusterSnapshot now = cluster.Current;
        FileMetadata[] listed = Array.ConvertAll(batch.Files, FileStats.ToMetadata);
        await RememberAsync(listed, now, cancellationToken).ConfigureAwait(false);
        var run = new Run(batch.Files, listed, now.Mounts, time.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Math.Min(batch.Parallelism, batch.Files.Length)).Select(_ => Task.Run(() => LoadNextAsync(run, cancellationToken), cancellationToken)))
            .ConfigureAwait(false);
        return new LoadBatchReply(DoraErrorCode.None, null, run.Begun, run.BytesLoaded, run.BytesPresent, [.. run.Failures.OrderBy(static f => f.Index)], [.. run.Slow.Order()])
        {
            Fetched = run.BytesLoaded == 0 ? null : run.Fetched[..run.Begun],
        };
    }

    /// <summary>What this worker listed itself it knows already: directories are listed by their owners.</summary>
    private ValueTask RememberAsync(FileMetadata[] listed, ClusterSnapshot now, CancellationToken cancellationToken)
    {
        WorkerId? self = WorkerDescriptor.Parse(local.Name)?.Id;
        HashSet<FileId> seen = new(listed.Length);
        List<FileMetadata> news = new(listed.Length);
        string directory = string.Empty;
        bool isOwn = false;
        foreach (FileMetadata file in listed)
        {
            ReadOnlySpan<char> above = file.UfsPath.AsSpan(0, Math.Max(0, file.UfsPath.LastIndexOf('/')));
            if (!above.SequenceEqual(directory))
            {
                directory = above.ToString();
                isOwn = now.OwnerOf(FileId.FromUfsPath(directory))?.Id == self;
            }

            if (!isOwn && seen.Add(file.Id))
            {
                news.Add(file);
            }
        }

        return news.Count == 0 ? ValueTask.CompletedTask : catalog.RememberAsync(news, cancellationToken);
    }

    private async Task LoadNextAsync(Run run, CancellationToken cancellationToken)
    {
        CancellationTokenSource patience = NewPatience();
        try
        {
            while (!cancellationToken.IsCancellationRequested && time.GetElapsedTime(run.StartedAt) < BeginWithin && run.Next() is { } index)
            {
                await LoadAsync(run, index, patience, cancellationToken).ConfigureAwait(false);
                if (!patience.TryReset())
                {
                    patience.Dispose();
                    patience = NewPatience();
                }
            }
        }
        finally
        {
            patience.Dispose();
        }
    }

    private CancellationTokenSource NewPatience() => new(Timeout.InfiniteTimeSpan, time);

    private async Task LoadAsync(Run run, int index, CancellationTokenSource patience, CancellationToken cancellationToken)
    {
        FileStat file = run.Files[index];
        using CancellationTokenRegistration whole = cancellationToken.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), patience);
        try
        {
            patience.CancelAfter(Patience);
            run.Add(index, await LoadAsync(file, run.Listed[index], run.Mounts, patience.Token).ConfigureAwait(false), file);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            cancellationToken.ThrowIfCancellationRequested();
            run.Slow.Add(index);
        }
        catch (Exception e)
        {
            // Whatever it was, the batch goes on: a surprise with this one file.
            run.Add(index, DoraErrorCode.Unavailable, $"its worker failed: {e.Message}");
        }
    }

    private ValueTask<FileLoadResult> LoadAsync(FileStat file, FileMetadata listed, MountTable mounts, CancellationToken cancellationToken) =>
        !DoraPath.TryParse(file.Path, out DoraPath path, out string? error) ? new(new FileLoadResult(DoraErrorCode.InvalidPath, 0, 0, error))
        : mounts.Resolve(path) is not { } mounted ? new(new FileLoadResult(DoraErrorCode.NotMounted, 0, 0, FileMessages.NotMounted(path)))
        : mounted.UfsPath == listed.UfsPath ? changes.LoadAsync(mounted, listed, cancellationToken)
        : changes.LoadAsync(mounted, new ByteRange(0, file.Length), null, cancellationToken); // mounted anew since it was listed

    /// <summary>A batch on its way; its loaders share it.</summary>
    private sealed class Run(FileStat[] files, FileMetadata[] listed, MountTable mounts, long startedAt)
    {
        private int _next;
        private long _loaded;
        private long _present;

        public FileStat[] Files => files;

        public FileMetadata[] Listed => listed;

        public MountTable Mounts => mounts;

        public long StartedAt => startedAt;

        public int Begun => Math.Min(_next, files.Length);

        public long BytesLoaded => _loaded;

        public long BytesPresent => _present;

        public long[] Fetched { get; } = new long[files.Length];

        public ConcurrentBag<LoadFailure> Failures { get; } = [];

        public ConcurrentBag<int> Slow { get; } = [];

        public int? Next() => Interlocked.Increment(ref _next) - 1 is var index && index < files.Length ? index : null;

        public void Add(int index, in FileLoadResult result, FileStat file)
        {
            if (result.Code != DoraErrorCode.None)
            {
                Add(index, result.Code, result.Error ?? FileMessages.Failed(DoraPath.Parse(file.Path), file.UfsPath, result.Code));
                return;
            }

            Fetched[index] = result.BytesLoaded;
            Interlocked.Add(ref _loaded, result.BytesLoaded);
            Interlocked.Add(ref _present, result.BytesPresent);
        }

        public void Add(int index, DoraErrorCode code, string message) => Failures.Add(new LoadFailure(index, code, message));
    }
}
