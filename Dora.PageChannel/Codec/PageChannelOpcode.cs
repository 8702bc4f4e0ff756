namespace Dora.PageChannel.Codec;

/// <summary>
/// What a frame is. Replies are their request with bit 7 set. The numbers are frozen (golden test) and never reused. Batches and vectored reads need no frame of their own: their requests leave, and their replies come, many in one packet.
/// </summary>
internal enum PageChannelOpcode : byte
{
    /// <summary>Client → worker, first frame: who I am and what I speak.</summary>
    Hello = 0x01,

    /// <summary>Client → worker: metadata of a Dora path.</summary>
    Stat = 0x02,

    /// <summary>Client → worker: bytes of one version of a file.</summary>
    Read = 0x03,

    /// <summary>Client → worker: one page of a directory's entries. Since version 5.</summary>
    List = 0x04,

    /// <summary>Client → worker: metadata of a Dora path and the first bytes of the file, in one round trip. Since version 2.</summary>
    ReadFile = 0x07,

    /// <summary>Client → worker: where on this host the bytes of a file lie. Since version 3.</summary>
    Locate = 0x09,

    /// <summary>Client → worker: how a process on this host gets the descriptors of segments. Since version 3.</summary>
    SameHost = 0x0A,

    /// <summary>Worker → worker: what do you know of a file, or of the files that are mine now. Since version 4.</summary>
    Known = 0x0B,

    /// <summary>Client → worker: the workers and the mounts, now or when they are other than the client knows. Since version 5.</summary>
    View = 0x0C,

    /// <summary>Client → worker: the request with this id is no longer wanted. Still answered, exactly once.</summary>
    Cancel = 0x40,

    /// <summary>Client → worker: are you there.</summary>
    Ping = 0x41,

    /// <summary>Either way, last frame: why the connection closes.</summary>
    Goodbye = 0x42,

    /// <summary>Worker → client: granted limits, or why not.</summary>
    HelloReply = 0x81,

    /// <summary>Worker → client: the metadata, or why not.</summary>
    StatReply = 0x82,

    /// <summary>Worker → client: the bytes, or why not.</summary>
    ReadReply = 0x83,

    /// <summary>Worker → client: the page, or why not. Since version 5.</summary>
    ListReply = 0x84,

    /// <summary>Worker → client: the metadata and the bytes, or why not. Since version 2.</summary>
    ReadFileReply = 0x87,

    /// <summary>Worker → client: the metadata and where the bytes lie, or why not. Since version 3.</summary>
    LocateReply = 0x89,

    /// <summary>Worker → client: where to go and what to show there, or why not. Since version 3.</summary>
    SameHostReply = 0x8A,

    /// <summary>Worker → worker: metadata that is known, or why not. Since version 4.</summary>
    KnownReply = 0x8B,

    /// <summary>Worker → client: the workers and the mounts, or why not. Since version 5.</summary>
    ViewReply = 0x8C,

    /// <summary>Worker → client: answer to a ping, with its request id.</summary>
    Pong = 0xC1,
}
