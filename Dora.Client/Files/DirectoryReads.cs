using System.Runtime.CompilerServices;
using System.Text;
using Dora.Client.Cluster;
using Dora.Client.Routing;
using Dora.Interfaces;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Files;

/// <summary>
/// Lists directories over the page channel, from the worker that owns the directory. The page that follows is on its way while one is looked at. Where the page channel cannot (workers of
/// an earlier version, names that are too long for a frame), the directory's grain gives the page: both count pages alike.
/// </summary>
/// <param name="router">Where requests go.</param>
/// <param name="calls">The grains.</param>
/// <param name="options">The timeouts.</param>
internal sealed class DirectoryReads(RequestRouter router, GrainCalls calls, DoraClientOptions options)
{
    // The first is short, so that somebody who looks sees something soon, and who wants the first entry only does not cause much.
    private const int FirstPage = 500;
    private const int NextPages = 5_000;

    /// <summary>The pages of a directory in name order, mounts below it included; each Ok.</summary>
    public async IAsyncEnumerable<ListReply> PagesAsync(DoraPath path, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var target = new RouteTarget(path);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bool isWithGrains = false;
        Task<ListReply>? next = PageAsync(null, FirstPage);
        try
        {
            while (next is not null)
            {
                ListReply page = await next.ConfigureAwait(false);
                next = page.Continuation is { } from ? PageAsync(from, NextPages) : null;
                yield return page;
            }
        }
        finally
        {
            if (next is not null)
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        async Task<ListReply> PageAsync(string? continuation, int limit)
        {
            // Who had to go to the grains once stays there: a listing has one end.
            ListReply? page = isWithGrains ? null : await AskAsync(target, continuation, limit, stop.Token).ConfigureAwait(false);
            isWithGrains = page is null;
            return page ?? await AskGrainAsync(target.Path, continuation, limit, stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>A page over the page channel.</summary>
    /// <returns><see langword="null"/>: the grain is to be asked.</returns>
    private async Task<ListReply?> AskAsync(RouteTarget target, string? continuation, int limit, CancellationToken cancellationToken)
    {
        byte[] from = continuation is null ? [] : Encoding.UTF8.GetBytes(continuation);
        if (!ListRequest.Fits(target.Utf8.Length, from.Length))
        {
            return null;
        }

        var request = new ChannelRequest(
            PageChannelOpcode.List, target.Utf8, MaxLength: ListPage.MaxReply, Memory: ReplyMemory.Rented, Control: new ControlArguments(limit, from));
        ChannelReply reply = await router.SendAsync(request, target, cancellationToken).ConfigureAwait(false);
        return TryTake(target.Path, reply) is { } page ? page
            : reply is { Outcome: ChannelOutcome.Answered, Status: PageChannelStatus.Ok or PageChannelStatus.NotSupported } ? null
            : throw RoutingErrors.For(reply, "list", target.Path, options.Timeouts.Operation);
    }

    private async Task<ListReply> AskGrainAsync(DoraPath path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        ListReply page = await calls.RepeatAsync(
            $"cannot list '{path}'", grains => grains.GetGrain<IFileGrain>(path.Value).ListAsync(continuation, limit, cancellationToken), cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(page.Code, page.Message, $"cannot list '{path}'");
        return page;
    }

    /// <summary>Reads a page, and gives its memory back.</summary>
    private static ListReply? TryTake(DoraPath path, in ChannelReply reply)
    {
        if (reply.Data is not { } data)
        {
            return null;
        }

        try
        {
            return reply.IsOk ? Read(path, data.AsSpan(0, reply.Bytes)) : null;
        }
        finally
        {
            ReplyBuffers.Return(data);
        }
    }

    private static ListReply? Read(DoraPath directory, ReadOnlySpan<byte> body)
    {
        if (!ListPage.TryReadHead(ref body, out ListPage? page))
        {
            return null;
        }

        string parent = directory.IsRoot ? "/" : directory.Value + "/";
        List<FileStat> entries = [];
        while (!body.IsEmpty)
        {
            if (!ListedEntry.TryRead(ref body, out ListedEntry entry))
            {
                return null;
            }

            entries.Add(new FileStat(
                parent + entry.Name, entry.UfsPath ?? page!.PathOf(entry.Name), entry.Kind, entry.Length, entry.LastModified, entry.Version.Value, page!.AskedAt)
            {
                DirectoryId = entry.DirectoryId,
                IsLink = entry.IsLink,
            });
        }

        int skipped = (int)Math.Min(int.MaxValue, page!.Skipped.Sum(static s => s.Count));
        return new ListReply(DoraErrorCode.None, null, [.. entries], page.Continuation, skipped) { SkippedEntries = page.Skipped, DirectoryId = page.DirectoryId };
    }
}
