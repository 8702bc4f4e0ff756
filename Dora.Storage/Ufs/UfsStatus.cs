namespace Dora.Storage.Ufs;

/// <summary>The outcome of a store call.</summary>
public enum UfsStatus
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Nothing has that name.</summary>
    NotFound,

    /// <summary>The store refused access.</summary>
    Denied,

    /// <summary>The file has another version than asked for.</summary>
    VersionChanged,

    /// <summary>A file was expected and a directory found.</summary>
    IsDirectory,

    /// <summary>A directory was expected and a file found, or a directory to delete is not empty.</summary>
    NotDirectory,

    /// <summary>The name cannot exist in this store, or it leaves the mount's root.</summary>
    InvalidName,

    /// <summary>The store cannot be reached or failed; trying later may help.</summary>
    Unavailable,

    /// <summary>The store cannot do this.</summary>
    NotSupported,

    /// <summary>The file still has the version that was named; only from <see cref="IUfs.StatIfChangedAsync"/>.</summary>
    NotModified,

    /// <summary>The file ended before the length that its stat gave, and did not change meanwhile: asking again gives the same.</summary>
    Short,
}
