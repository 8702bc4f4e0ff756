using System.Runtime.CompilerServices;
using Dora.Client.Routing;
using Dora.Client.SameHost;
using Dora.Interfaces;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Files;

/// <summary>
/// Opens and reads files in one round trip. Paths are remembered with their routes, bounded, so that an epoch over the same small files looks nothing up
/// and allocates next to nothing.
/// </summary>
/// <param name="router">Where requests go.</param>
/// <param name="reads">Reads what does not fit in the first reply.</param>
/// <param name="sameHost">Reads from workers on this host.</param>
/// <param name="options">How reads are split.</param>
internal sealed class SmallFileReads(RequestRouter router, FileReads reads, SameHostReads sameHost, DoraClientOptions options)
{
    private readonly RouteTargets _targets = new();

    /// <summary>Reads a file from its start into the caller's memory.</summary>
    /// <returns>The length of the file.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<long> ReadAsync(string path, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        RouteTarget target = _targets.For(path);
        if (await sameHost.TryReadFileAsync(target, buffer, cancellationToken).ConfigureAwait(false) is { } found)
        {
            return found.Length;
        }

        for (bool isAgain = false; ; isAgain = true)
        {
            try
            {
                Memory<byte> first = buffer[..Math.Min(buffer.Length, Most(isAgain))];
                var request = new ChannelRequest(PageChannelOpcode.ReadFile, target.Utf8, Destination: first);
                ChannelReply reply = await AskAsync(request, target, cancellationToken).ConfigureAwait(false);
                long whole = Math.Min(buffer.Length, reply.Stat.Length);
                if (reply.Bytes < whole)
                {
                    await ReadRestAsync(target, reply, buffer[..(int)whole], cancellationToken).ConfigureAwait(false);
                }

                return reply.Stat.Length;
            }
            catch (DoraException e) when (e.Code == DoraErrorCode.VersionChanged)
            {
                // Nobody has a byte of it yet.
                ChangedFiles.ThrowIf(isAgain, target.Path);
            }
        }
    }

    /// <summary>Reads a whole file into an array of its own.</summary>
    public async ValueTask<byte[]> ReadAllAsync(string path, CancellationToken cancellationToken)
    {
        RouteTarget target = _targets.For(path);
        if (IsOnThisHost(target))
        {
            byte[] guess = GC.AllocateUninitializedArray<byte>((int)target.KnownLength);
            if (await sameHost.TryReadFileAsync(target, guess, cancellationToken).ConfigureAwait(false) is { } found && found.Length == guess.Length)
            {
                return guess;
            }
        }

        for (bool isAgain = false; ; isAgain = true)
        {
            try
            {
                ChannelReply reply = await AskAsync(Request(target, ReplyMemory.Exact, Most(isAgain)), target, cancellationToken).ConfigureAwait(false);
                return reply.Bytes == reply.Stat.Length && reply.Data?.LongLength == reply.Stat.Length
                    ? reply.Data
                    : await ToArrayAsync(target, reply, cancellationToken).ConfigureAwait(false);
            }
            catch (DoraException e) when (e.Code == DoraErrorCode.VersionChanged)
            {
                // Nobody has a byte of it yet.
                ChangedFiles.ThrowIf(isAgain, target.Path);
            }
        }
    }

    /// <summary>
    /// Opens a file again that changed before anything of it was told. One that fits in a reply comes with its bytes, of one moment: however often it is written to, they are there.
    /// </summary>
    /// <exception cref="DoraException">It cannot be opened.</exception>
    public async Task<OpenFile> ReopenAsync(OpenFile changed)
    {
        RouteTarget target = changed.Target;
        bool fits = changed.Length <= PageChannelProtocol.MaxReadLength;
        ChannelRequest request = fits
            ? Request(target, ReplyMemory.Exact, PageChannelProtocol.MaxReadLength)
            : new ChannelRequest(PageChannelOpcode.Stat, target.Utf8, (ushort)StatFlags.Refresh);
        ChannelReply reply = await AskAsync(request, target, CancellationToken.None).ConfigureAwait(false);
        StatReply now = reply.Stat;
        FileStat? stat = changed.Stat is { } told ? told with { Length = now.Length, LastModified = now.LastModified, Version = now.Version.Value, LoadedAt = now.LoadedAt } : null;
        byte[]? held = fits && reply.Bytes == now.Length ? reply.Data ?? [] : null;
        return new OpenFile(new RouteTarget(target.Path, now.File, now.Length), now.File, now.Version, now.Length, stat, held);
    }

    /// <summary>Reads a whole file into rented memory.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<FileContent> ReadRentedAsync(int index, string path, CancellationToken cancellationToken)
    {
        try
        {
            RouteTarget target = _targets.For(path);
            if (IsOnThisHost(target))
            {
                byte[] guess = ReplyBuffers.Rent((int)target.KnownLength);
                if (await sameHost.TryReadFileAsync(target, guess.AsMemory(0, (int)target.KnownLength), cancellationToken).ConfigureAwait(false) is { } found
                    && found.Length <= target.KnownLength)
                {
                    return new FileContent(index, path, guess, (int)found.Length, found.LastModified);
                }

                ReplyBuffers.Return(guess);
            }

            ChannelReply reply = await AskAsync(Request(target, ReplyMemory.Rented, Most(isAgain: false)), target, cancellationToken).ConfigureAwait(false);
            return await ToContentAsync(reply, index, path, target, cancellationToken).ConfigureAwait(false);
        }
        catch (DoraException e)
        {
            return await FailedAsync(index, path, e, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for a whole file in rented memory without a state machine; end it with <see cref="TryEnd"/>.</summary>
    /// <returns><see langword="false"/>: nothing was asked; take <see cref="ReadRentedAsync"/>.</returns>
    /// <exception cref="DoraException">The path is none.</exception>
    public bool TryAsk(string path, CancellationToken cancellationToken, out RouteTarget target, out SentRequest sent)
    {
        target = _targets.For(path);
        sent = default;
        return !IsOnThisHost(target) && router.TrySend(Request(target, ReplyMemory.Rented, Most(isAgain: false)), target, cancellationToken, out sent);
    }

    /// <summary>Ends what <see cref="TryAsk"/> began, when the reply is the whole file or tells why there is none.</summary>
    /// <returns><see langword="null"/>: it goes on with <see cref="GoOnAsync"/>.</returns>
    public FileContent? TryEnd(in SentRequest sent, ref ChannelReply reply, int index, string path, RouteTarget target)
    {
        if (!router.TryEnd(sent, ref reply))
        {
            return null;
        }

        target.KnownLength = reply.IsOk ? reply.Stat.Length : 0;
        return reply.Status == PageChannelStatus.VersionChanged ? null
            : !reply.IsOk ? new FileContent(index, path, RoutingErrors.For(reply, "read", target.Path, options.Timeouts.Operation))
            : reply.Bytes == reply.Stat.Length ? new FileContent(index, path, reply.Data ?? [], reply.Bytes, reply.Stat.LastModified)
            : null;
    }

    /// <summary>Ends what could not be ended by one reply: asks elsewhere or once more, or reads the rest.</summary>
    public async ValueTask<FileContent> GoOnAsync(
        SentRequest sent, ChannelReply reply, int index, string path, RouteTarget target, CancellationToken cancellationToken)
    {
        try
        {
            ChannelReply whole = reply.IsOk ? reply : await router.GoOnAsync(sent, reply, target, cancellationToken).ConfigureAwait(false);
            return await ToContentAsync(Checked(whole, target), index, path, target, cancellationToken).ConfigureAwait(false);
        }
        catch (DoraException e)
        {
            return await FailedAsync(index, path, e, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A file that changed is read once more: nobody has a byte of it yet.</summary>
    private async ValueTask<FileContent> FailedAsync(int index, string path, DoraException error, CancellationToken cancellationToken)
    {
        if (error.Code != DoraErrorCode.VersionChanged)
        {
            return new FileContent(index, path, error);
        }

        try
        {
            RouteTarget target = _targets.For(path);
            ChannelReply reply = await AskAsync(Request(target, ReplyMemory.Rented, Most(isAgain: true)), target, cancellationToken).ConfigureAwait(false);
            return await ToContentAsync(reply, index, path, target, cancellationToken).ConfigureAwait(false);
        }
        catch (DoraException e)
        {
            return new FileContent(index, path, e.Code == DoraErrorCode.VersionChanged ? ChangedFiles.StillChanging(DoraPath.Parse(path)) : e);
        }
    }

    /// <summary>The bytes of the first reply and what it did not bring.</summary>
    private async ValueTask<byte[]> ToArrayAsync(RouteTarget target, ChannelReply reply, CancellationToken cancellationToken)
    {
        byte[]? first = reply.Data;
        try
        {
            if (reply.Stat.Length > Array.MaxLength)
            {
                throw new DoraException(DoraErrorCode.InvalidArgument, $"'{target.Path}' has {ByteSize.Text(reply.Stat.Length)}, too much for one array: read it in parts");
            }

            byte[] all = GC.AllocateUninitializedArray<byte>((int)reply.Stat.Length);
            first.AsSpan(0, reply.Bytes).CopyTo(all);
            await ReadRestAsync(target, reply, all, cancellationToken).ConfigureAwait(false);
            return all;
        }
        finally
        {
            if (first is not null)
            {
                ReplyBuffers.Return(first);
            }
        }
    }

    /// <summary>Bytes of the first reply. A file that changed is asked for with as many as a reply can carry: what comes in one reply is of one moment.</summary>
    private int Most(bool isAgain) => isAgain ? PageChannelProtocol.MaxReadLength : options.Reads.ChunkBytes;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FileContent> ToContentAsync(ChannelReply reply, int index, string path, RouteTarget target, CancellationToken cancellationToken)
    {
        byte[] data = reply.Data ?? [];
        if (reply.Bytes < reply.Stat.Length)
        {
            data = await ReadRestRentedAsync(target, reply, data, cancellationToken).ConfigureAwait(false);
        }

        return new FileContent(index, path, data, (int)reply.Stat.Length, reply.Stat.LastModified);
    }

    /// <summary>Whether a file is probably read quicker from a worker's segments than over the page channel.</summary>
    private bool IsOnThisHost(RouteTarget target) =>
        target.KnownLength is >= SameHostReads.MinFile and <= PageChannelProtocol.MaxReadLength && router.SameHost(target) is not null;

    private static ChannelRequest Request(RouteTarget target, ReplyMemory memory, int most) =>
        new(PageChannelOpcode.ReadFile, target.Utf8, MaxLength: most, Memory: memory);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ChannelReply> AskAsync(ChannelRequest request, RouteTarget target, CancellationToken cancellationToken)
    {
        return Checked(await router.SendAsync(request, target, cancellationToken).ConfigureAwait(false), target);
    }

    private ChannelReply Checked(in ChannelReply reply, RouteTarget target)
    {
        if (reply.IsOk && reply.Stat.Kind != FileKind.File)
        {
            // Of an older worker, which gives the metadata of whatever is there.
            throw new DoraException(DoraErrorCode.IsDirectory, $"'{target.Path}' is a directory: name a file");
        }

        target.KnownLength = reply.IsOk ? reply.Stat.Length : 0;
        ReadSource.Note(reply);
        return reply.IsOk ? reply : throw RoutingErrors.For(reply, "read", target.Path, options.Timeouts.Operation);
    }

    /// <summary>Reads what the first reply did not bring, of the same version.</summary>
    private async ValueTask ReadRestAsync(RouteTarget target, ChannelReply first, Memory<byte> whole, CancellationToken cancellationToken)
    {
        var file = new OpenFile(new RouteTarget(target.Path, first.Stat.File, first.Stat.Length), first.Stat.File, first.Stat.Version, first.Stat.Length);
        await reads.ReadAsync(file, first.Bytes, whole[first.Bytes..], ReadFlags.Sequential, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<byte[]> ReadRestRentedAsync(RouteTarget target, ChannelReply first, byte[] data, CancellationToken cancellationToken)
    {
        if (first.Stat.Length > Array.MaxLength)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"'{target.Path}' has {ByteSize.Text(first.Stat.Length)}, too much for a batch: open it and read it in parts");
        }

        byte[] all = ReplyBuffers.Rent((int)first.Stat.Length);
        data.AsSpan(0, first.Bytes).CopyTo(all);
        if (data.Length > 0)
        {
            ReplyBuffers.Return(data);
        }

        await ReadRestAsync(target, first, all.AsMemory(0, (int)first.Stat.Length), cancellationToken).ConfigureAwait(false);
        return all;
    }
}
