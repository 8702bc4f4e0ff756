using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Dora.PageChannel.SameHost;
using Dora.PageChannel.Codec;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Dora.Silo.SameHost;

/// <summary>
/// A Unix socket at which processes of this host and user get open segments, for reading only (docs/same-host.md). A client shows a ticket that it got over
/// the page channel, is greeted by eight zero bytes, and then asks by eight-byte names; each is answered by the name, with the open file if there is one. A client that
/// does not take its answers is cut off: nothing here waits for one.
/// </summary>
internal sealed class SameHostDoor : IAsyncDisposable
{
    /// <summary>Most clients; one more is cut off.</summary>
    public const int MaxClients = 256;

    private const int NameSize = sizeof(ulong);
    private static readonly TimeSpan TicketTimeout = TimeSpan.FromSeconds(5);

    private readonly Func<ulong, SafeFileHandle?> _open;
    private readonly uint _user;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Socket _listener;
    private readonly SameHostTickets _tickets;
    private readonly byte[] _path;
    private readonly byte[] _bootId;
    private readonly ConcurrentDictionary<Socket, Task> _clients = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private long _passed;

    private SameHostDoor(string path, byte[] bootId, Socket listener, Func<ulong, SafeFileHandle?> open, uint user, TimeProvider time, ILogger logger)
    {
        (_listener, _open, _user, _time, _logger) = (listener, open, user, time, logger);
        (_path, _bootId, Path) = (Encoding.UTF8.GetBytes(path), bootId, path);
        _tickets = new SameHostTickets(time);
        _accepting = AcceptAsync();
    }

    /// <summary>Where the socket is.</summary>
    public string Path { get; }

    /// <summary>Clients that have it open.</summary>
    public int ClientCount => _clients.Count;

    /// <summary>Open files handed out so far.</summary>
    public long Passed => Interlocked.Read(ref _passed);

    /// <summary>Opens the socket; a file that an earlier life of the worker left in its place goes.</summary>
    /// <param name="path">Where; its directory is made, for this user only, when it is missing.</param>
    /// <param name="open">Opens a segment for reading.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told who is refused.</param>
    /// <param name="user">The user that clients must run as; default this process' own.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: not possible there.</exception>
    public static SameHostDoor Open(string path, Func<ulong, SafeFileHandle?> open, TimeProvider time, ILogger logger, uint? user = null)
    {
        if (!OperatingSystem.IsLinux() || HostIdentity.BootId is not { } bootId)
        {
            throw new DoraException(DoraErrorCode.Configuration, "--same-host: this system has no boot id, so nobody can tell that he is on it: leave the option out");
        }

        if (Encoding.UTF8.GetByteCount(path) > SameHostReply.MaxPathBytes)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"--same-host: '{path}' is longer than the {SameHostReply.MaxPathBytes} bytes a socket's path may have: name a directory with a shorter path");
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            PrivateFiles.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            File.Delete(path);
            MakePrivate(listener);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen(MaxClients);
            SameHostLog.Listening(logger, path);
            return new SameHostDoor(path, bootId, listener, open, user ?? LinuxDescriptors.UserId(), time, logger);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new DoraException(DoraErrorCode.Configuration, $"--same-host: a socket cannot be made at '{path}' ({e.Message}): name another directory", e);
        }
    }

    /// <summary>Writes the answer to who asks over the page channel, with a new ticket.</summary>
    public int WriteInvitation(Span<byte> destination, ulong requestId, long membershipVersion) => FrameWriter.WriteSameHostReply(
        destination, requestId, membershipVersion, new SameHostReply { Ticket = _tickets.Issue(), BootId = _bootId, Path = _path });

    /// <summary>Closes the socket and cuts all clients off: they close what they hold.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        await _accepting.ConfigureAwait(false);
        foreach ((Socket client, Task serving) in _clients)
        {
            client.Dispose();
            await serving.ConfigureAwait(false);
        }

        _stop.Dispose();
    }

    /// <summary>On Linux the name that <c>bind</c> makes has the rights that the socket itself has.</summary>
    [SupportedOSPlatform("linux")]
    private static void MakePrivate(Socket listener)
    {
        using var handle = new SafeFileHandle(listener.Handle, ownsHandle: false);
        File.SetUnixFileMode(handle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false);
                Admit(client);
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                // For example no descriptor left: those who are here go on, and it is tried again.
                SameHostLog.AcceptFailed(_logger, e);
                await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Admit(Socket client)
    {
        uint user = LinuxDescriptors.PeerUserId(client);
        if (user != _user || _clients.Count >= MaxClients)
        {
            SameHostLog.Refused(_logger, user == _user ? "there are too many clients" : $"it runs as user {user}");
            client.Dispose();
            return;
        }

        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _clients[client] = ServeAsync(client, started.Task);
        started.SetResult();
    }

    private async Task ServeAsync(Socket client, Task started)
    {
        await started.ConfigureAwait(false);
        try
        {
            byte[] buffer = new byte[SameHostReply.KeySize];
            if (!await HasTicketAsync(client, buffer).ConfigureAwait(false))
            {
                SameHostLog.Refused(_logger, "it shows no ticket of the page channel");
                return;
            }

            Memory<byte> name = buffer.AsMemory(0, NameSize);
            name.Span.Clear();
            bool isTaken = LinuxDescriptors.Send(client, name.Span, null) == 0;
            while (isTaken && await FillAsync(client, name, _stop.Token).ConfigureAwait(false))
            {
                isTaken = Answer(client, name.Span);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // It went, said nothing in time, or the worker stops.
        }
        finally
        {
            client.Dispose();
            _clients.TryRemove(client, out _);
        }
    }

    private async ValueTask<bool> HasTicketAsync(Socket client, byte[] buffer)
    {
        using var timeout = new CancellationTokenSource(TicketTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        return await FillAsync(client, buffer, either.Token).ConfigureAwait(false) && _tickets.TryTake(buffer);
    }

    /// <summary>Answers one name.</summary>
    /// <returns><see langword="false"/>: the client does not take it.</returns>
    private bool Answer(Socket client, ReadOnlySpan<byte> name)
    {
        using SafeFileHandle? file = _open(System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(name));
        Interlocked.Add(ref _passed, file is null ? 0 : 1);
        return LinuxDescriptors.Send(client, name, file) == 0;
    }

    private static async ValueTask<bool> FillAsync(Socket client, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int count = await client.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                return false;
            }

            buffer = buffer[count..];
        }

        return true;
    }
}
