using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Storage.Ufs;

namespace Dora.Silo.Files;

/// <summary>
/// Lists directories as users see them: what the store has, and the mounts below, which hide a store entry of the same name. Directories above mounts
/// exist although no store has them. Each mount is given once, on the page where its name falls; order by name holds as far as the store's does.
/// </summary>
internal sealed class DirectoryLister(IFileCatalog catalog, TimeProvider time)
{
    /// <summary>The greatest page.</summary>
    public const int MaxLimit = 10_000;

    /// <summary>One page; may exceed <paramref name="limit"/> by the number of mounts right below the directory.</summary>
    public async Task<ListReply> ListAsync(RequestedPath target, string? continuation, int limit, CancellationToken cancellationToken)
    {
        (DoraPath path, MountTable mounts, MountedPath? mounted) = (target.Path, target.Mounts, target.Mounted);
        ListContinuation from = ListContinuation.Start;
        if (continuation is not null)
        {
            if (!ListContinuation.TryParse(continuation, out ListContinuation? parsed))
            {
                return Failure(DoraErrorCode.InvalidArgument, $"'{continuation}' is no continuation of a listing of '{path}': start the listing again");
            }

            from = parsed.Value;
        }

        string[] names = [.. mounts.ChildNames(path).Order(StringComparer.Ordinal)];
        bool storeEnded = mounted is null || (continuation is not null && from.Store is null);
        if (storeEnded)
        {
            return mounted is null && !mounts.IsAboveMounts(path)
                ? Failure(DoraErrorCode.NotMounted, FileMessages.NotMounted(path))
                : MountsOnly(path, mounts, names, from.High, limit);
        }

        // Stamped before the store is asked: an entry is never taken for younger than it is.
        DateTimeOffset now = time.GetUtcNow();
        int pending = names.Count(n => string.CompareOrdinal(n, from.High) > 0);
        UfsListResult page = await catalog.ListAsync(mounted!.Value, from.Store, Math.Max(1, limit - pending), cancellationToken).ConfigureAwait(false);
        return page.Status switch
        {
            UfsStatus.Ok => Merge(path, mounts, mounted.Value, names, page, from.High, now),
            UfsStatus.NotFound when names.Length > 0 => MountsOnly(path, mounts, names, from.High, limit),
            _ => Failure(page.Status.ToErrorCode(), page.Error ?? FileMessages.Failed(path, mounted.Value.UfsPath, page.Status.ToErrorCode())),
        };
    }

    /// <summary>A listing that fails.</summary>
    public static ListReply Failure(DoraErrorCode code, string message) => new(code, message, [], null, 0);

    private static FileStat StatOf(DoraPath path, string ufsPath, in UfsEntry entry, DateTimeOffset loadedAt) =>
        new(path.Value, ufsPath, entry.Stat.Kind, entry.Stat.Length, entry.Stat.LastModified, entry.Stat.Version.Value, loadedAt)
        {
            DirectoryId = entry.DirectoryId,
            IsLink = entry.IsLink,
        };

    private static FileStat MountDirectory(DoraPath path, MountTable mounts, DateTimeOffset now) =>
        new(path.Value, MountDirectories.Describe(path, mounts, now).UfsPath, FileKind.Directory, 0, default, 0, now);

    private ListReply MountsOnly(DoraPath path, MountTable mounts, string[] names, string high, int limit)
    {
        DateTimeOffset now = time.GetUtcNow();
        string[] rest = [.. names.Where(n => string.CompareOrdinal(n, high) > 0)];
        FileStat[] entries = [.. rest.Take(limit).Select(n => MountDirectory(path.Append(n), mounts, now))];
        string? next = rest.Length > limit ? new ListContinuation(rest[limit - 1], null).ToString() : null;
        return new ListReply(DoraErrorCode.None, null, entries, next, 0);
    }

    private static ListReply Merge(DoraPath path, MountTable mounts, MountedPath mounted, string[] names, UfsListResult page, string high, DateTimeOffset now)
    {
        List<FileStat> entries = new(page.Entries.Count);
        var skipped = new SkippedTally();
        skipped.Add(page.Skipped);
        string newHigh = high;
        foreach (UfsEntry entry in page.Entries)
        {
            newHigh = string.CompareOrdinal(entry.Name, newHigh) > 0 ? entry.Name : newHigh;
            if (names.Contains(entry.Name, StringComparer.Ordinal))
            {
                continue;
            }

            if (path.TryAppendName(entry.Name, out DoraPath child))
            {
                string relative = mounted.Relative.Length == 0 ? entry.Name : mounted.Relative + "/" + entry.Name;
                entries.Add(StatOf(child, mounted.Mount.Ufs.Combine(relative), entry, now));
            }
            else
            {
                skipped.Add(SkipReason.PathTooLong, entry.Name);
            }
        }

        bool last = page.Continuation is null;
        IEnumerable<string> here = names.Where(n => string.CompareOrdinal(n, high) > 0 && (last || string.CompareOrdinal(n, newHigh) <= 0));
        int stored = entries.Count;
        entries.AddRange(here.Select(n => MountDirectory(path.Append(n), mounts, now)));
        FileStat[] merged = entries.Count == stored ? [.. entries] : [.. entries.OrderBy(static e => e.Name, StringComparer.Ordinal)];
        string? next = last ? null : new ListContinuation(newHigh, page.Continuation).ToString();
        return new ListReply(DoraErrorCode.None, null, merged, next, (int)skipped.Count) { SkippedEntries = skipped.ToArray(), DirectoryId = page.DirectoryId };
    }
}
