using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>One request in flight, out of its frame. Reused: a connection makes no more of them than it has had requests at one time.</summary>
/// <param name="execute">Answers the request.</param>
internal sealed class RequestSlot(Func<RequestSlot, Task> execute) : IThreadPoolWorkItem
{
    private byte[] _path = [];
    private int _pathLength;
    private int _textLength;

    /// <summary>The id the client chose.</summary>
    public ulong Id { get; set; }

    /// <summary>What is asked.</summary>
    public PageChannelOpcode Opcode { get; set; }

    /// <summary>The flags of its opcode.</summary>
    public ushort Flags { get; set; }

    /// <summary>What the client acts on.</summary>
    public long MembershipVersion { get; set; }

    /// <summary>The client's span.</summary>
    public IncomingTrace Trace { get; set; }

    /// <summary>Of a read: the file. Of a known request: the first that may be told.</summary>
    public FileId File { get; set; }

    /// <summary>Of a read: the version.</summary>
    public FileVersion Version { get; set; }

    /// <summary>Of a read: the bytes. Of a read-file: from 0 to the most bytes wanted. Of a list request: from 0 to the most entries wanted.</summary>
    public ByteRange Range { get; set; }

    /// <summary>Of a locate: bytes behind the range.</summary>
    public long Ahead { get; set; }

    /// <summary>The path in UTF-8.</summary>
    public ReadOnlyMemory<byte> Path => _path.AsMemory(0, _pathLength);

    /// <summary>Of a list request: where the page begins, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Continuation => _path.AsMemory(_pathLength, _textLength - _pathLength);

    /// <summary>Of a view request: what the client has.</summary>
    public ViewRequest View { get; set; }

    /// <summary>Cancelled by the client or by the end of the connection.</summary>
    public CancellationTokenSource Cancellation { get; set; } = new();

    /// <summary>Whether somebody is about to cancel <see cref="Cancellation"/>, so that it cannot be reused.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>Copies the path, and what belongs to it, out of the receive buffer.</summary>
    public void SetPath(ReadOnlySpan<byte> path, ReadOnlySpan<byte> continuation = default)
    {
        (_pathLength, _textLength) = (path.Length, path.Length + continuation.Length);
        if (_path.Length < _textLength)
        {
            _path = new byte[_textLength];
        }

        path.CopyTo(_path);
        continuation.CopyTo(_path.AsSpan(_pathLength));
    }

    /// <summary>Answers the request on the thread pool.</summary>
    public void Execute() => _ = execute(this);
}
