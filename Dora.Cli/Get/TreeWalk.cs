using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Get;

/// <summary>
/// Finds the files below a directory and makes the directories that they go to: each directory once, links to directories after all others (<see cref="DirectoryWalk"/>), and never the target itself.
/// </summary>
/// <param name="client">Lists.</param>
/// <param name="ledger">Where what is left out is written down.</param>
/// <param name="source">The directory.</param>
/// <param name="followLinks">Whether links are taken for what they lead to.</param>
internal sealed class TreeWalk(DoraClient client, GetLedger ledger, DoraPath source, bool followLinks)
{
    private readonly DirectoryWalk _walk = new(source, followLinks);
    private readonly Queue<Found> _pending = new([new Found([], UInt128.Zero, IsLink: false)]);
    private readonly PriorityQueue<Found, string> _links = new(StringComparer.Ordinal);
    private readonly string _prefix = source.IsRoot ? "/" : source.Value + "/";

    /// <summary>Walks.</summary>
    /// <param name="target">Where its entries go.</param>
    /// <param name="take">Takes the files, and the use of their directories.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="DoraException">The directory itself cannot be listed or copied.</exception>
    public async Task RunAsync(TargetDirectory target, Func<GetItem, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        while (_pending.TryDequeue(out Found directory) || _links.TryDequeue(out directory, out _))
        {
            try
            {
                if (directory.Id == UInt128.Zero || MayEnter(directory, directory.Id, target))
                {
                    await ListAsync(directory, target, take, cancellationToken);
                }
            }
            catch (DoraException e) when (directory.Names.Length > 0)
            {
                ledger.Fail(PathOf(directory), e.Message);
            }
        }

        ledger.AllFound();
    }

    private async Task ListAsync(Found directory, TargetDirectory target, Func<GetItem, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        TargetDirectory? local = null;
        try
        {
            DoraListing listing = client.ListAsync(PathOf(directory), cancellationToken);
            await foreach (FileStat entry in listing)
            {
                if (local is null && directory.Id == UInt128.Zero && !MayEnter(directory, listing.DirectoryId, target))
                {
                    return;
                }

                local ??= Open(target, directory);
                await TakeAsync(entry, directory, local, take, cancellationToken);
            }

            local ??= Open(target, directory);
            ledger.LeftOut(listing.Skipped.Select(s => s with { Names = [.. s.Names.Select(n => $"{PathOf(directory).TrimEnd('/')}/{n}")] }));
        }
        finally
        {
            local?.Dispose();
        }
    }

    private static TargetDirectory Open(TargetDirectory target, Found directory)
    {
        TargetDirectory opened = target.OpenBelow(directory.Names);
        opened.RemoveLeftovers();
        return opened;
    }

    private bool MayEnter(Found directory, UInt128 id, TargetDirectory target)
    {
        string path = PathOf(directory);
        if (id == target.Identity)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"'{path}' is '{target.Path}' itself: give a target that is not a part of what is copied");
        }

        if (_walk.Enter(id, directory.IsLink) is not { } reason)
        {
            return true;
        }

        ledger.LeftOut([new SkippedEntries(reason, 1, [path])]);
        return false;
    }

    private async ValueTask TakeAsync(
        FileStat entry, Found directory, TargetDirectory local, Func<GetItem, CancellationToken, ValueTask> take, CancellationToken cancellationToken)
    {
        string path = PathOf(directory), name = entry.Name;
        bool isDirectory = entry.Kind == FileKind.Directory;
        if (name is "" or "." or ".." || entry.Path != (path.Length == 1 ? "/" : path + "/") + name)
        {
            // No worker sends such an entry; what comes over a network is checked all the same before it names a local file.
            ledger.Fail(path, $"the listing has an entry '{entry.Path}', which is not in the directory");
        }
        else if (_walk.Judge(entry.Path, isDirectory, entry.IsLink) is { } reason)
        {
            ledger.LeftOut([new SkippedEntries(reason, 1, [entry.Path])]);
        }
        else if (!isDirectory)
        {
            ledger.Found(entry.Length);
            await take(new GetItem(entry, local.Use(), name), cancellationToken);
        }
        else if (entry.IsLink)
        {
            _links.Enqueue(new Found([.. directory.Names, name], entry.DirectoryId, IsLink: true), entry.Path);
        }
        else
        {
            _pending.Enqueue(new Found([.. directory.Names, name], entry.DirectoryId, IsLink: false));
        }
    }

    private string PathOf(Found directory) => directory.Names.Length == 0 ? source.Value : _prefix + string.Join('/', directory.Names);

    /// <summary>A directory that is to be listed.</summary>
    private readonly record struct Found(string[] Names, UInt128 Id, bool IsLink);
}
