namespace Dora.PageChannel.Codec;

/// <summary>
/// The outcome of a request, as a value in the header of its reply. The numbers are frozen (golden test), may only grow, and are never reused.
/// A reader treats a number it does not know as <see cref="Failed"/>.
/// </summary>
internal enum PageChannelStatus : byte
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>The worker has not got the bytes and was not to fetch them.</summary>
    NotCached = 1,

    /// <summary>The file has another version than the one asked for: open it again.</summary>
    VersionChanged = 2,

    /// <summary>The worker is not the owner; the header's membership version is the one it judged by: refresh and ask the owner.</summary>
    NotOwner = 3,

    /// <summary>A bounded queue or pool of the worker is full: try later or elsewhere.</summary>
    Busy = 4,

    /// <summary>The store refused the worker access.</summary>
    Denied = 5,

    /// <summary>The worker failed in a way no other number names.</summary>
    Failed = 6,

    /// <summary>The path has no file or directory in its store.</summary>
    NotFound = 7,

    /// <summary>The path is under no mount the worker knows.</summary>
    NotMounted = 8,

    /// <summary>The request is well-formed but asks for something that has no meaning; the message says what.</summary>
    InvalidRequest = 9,

    /// <summary>The path breaks a rule of Dora paths; the message says which.</summary>
    InvalidPath = 10,

    /// <summary>A file was expected and a directory was found.</summary>
    IsDirectory = 11,

    /// <summary>A directory was expected and a file was found.</summary>
    NotDirectory = 12,

    /// <summary>The store is out of reach of the worker: try later or elsewhere.</summary>
    Unavailable = 13,

    /// <summary>The bytes were damaged and could not be fetched anew.</summary>
    Damaged = 14,

    /// <summary>The request was cancelled before it was done.</summary>
    Cancelled = 15,

    /// <summary>The worker is stopping: ask the next owner.</summary>
    ShuttingDown = 16,

    /// <summary>The token of the hello is not the cluster's.</summary>
    Unauthenticated = 17,

    /// <summary>The two ends have no protocol version in common.</summary>
    UnsupportedVersion = 18,

    /// <summary>The worker belongs to another cluster than the hello names.</summary>
    WrongCluster = 19,

    /// <summary>The worker is not the one the hello names: the address was taken over.</summary>
    WrongWorker = 20,

    /// <summary>The store or the worker cannot do this.</summary>
    NotSupported = 21,

    /// <summary>A frame was malformed; only in a goodbye.</summary>
    MalformedFrame = 22,
}
