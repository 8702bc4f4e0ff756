namespace Dora;

/// <summary>
/// Why an operation did not give its result. The numbers travel in grain replies and on the page channel: they are frozen
/// (golden test), may only grow, and are never reused.
/// </summary>
public enum DoraErrorCode : byte
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>The path has no file or directory in its store.</summary>
    NotFound = 1,

    /// <summary>The path is under no mount.</summary>
    NotMounted = 2,

    /// <summary>The path, URI or name is malformed; the message says which rule it breaks.</summary>
    InvalidPath = 3,

    /// <summary>An argument is out of range; the message names it and the range.</summary>
    InvalidArgument = 4,

    /// <summary>What was to be created is there already.</summary>
    AlreadyExists = 5,

    /// <summary>The store or the cluster refused access.</summary>
    Denied = 6,

    /// <summary>A file was expected and a directory was found.</summary>
    IsDirectory = 7,

    /// <summary>A directory was expected and a file was found.</summary>
    NotDirectory = 8,

    /// <summary>The file has another version than the reader opened; open it again.</summary>
    VersionChanged = 9,

    /// <summary>The store or every worker that could answer is out of reach; trying later may help.</summary>
    Unavailable = 10,

    /// <summary>A bounded queue or pool is full; trying later helps.</summary>
    Busy = 11,

    /// <summary>The store cannot do this (a read-only connector, for example).</summary>
    NotSupported = 12,

    /// <summary>Data on disk or on the wire is damaged or of an unknown format.</summary>
    Damaged = 13,

    /// <summary>A configuration, port, directory or lock is in the way of starting.</summary>
    Configuration = 14,

    /// <summary>A surprise: a defect in Dora or in the machine. The message carries what is known.</summary>
    Internal = 15,
}
