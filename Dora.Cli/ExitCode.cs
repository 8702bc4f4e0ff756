namespace Dora.Cli;

/// <summary>What the process ends with. Scripts depend on the numbers: they may only grow.</summary>
internal enum ExitCode
{
    /// <summary>Done.</summary>
    Ok = 0,

    /// <summary>Something failed that has no number of its own; the line on stderr says what.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>No such path, mount or worker.</summary>
    NotFound = 3,

    /// <summary>The store or the cluster refused access.</summary>
    Denied = 4,

    /// <summary>No cluster answers, or the store is out of reach.</summary>
    Unavailable = 5,

    /// <summary>A data directory, port, lock or setting is in the way.</summary>
    Configuration = 6,

    /// <summary>What was to be created is there already.</summary>
    AlreadyExists = 7,

    /// <summary>A byte was wrong or a read failed where none may.</summary>
    WrongData = 8,

    /// <summary>A load ended and not all of it is held: the caches are too small for it, or something else took its place.</summary>
    Incomplete = 9,

    /// <summary>Ctrl-C.</summary>
    Interrupted = 130,

    /// <summary>Who read stdout has had enough (<c>| head</c>): nothing is said, the number is that of a program that SIGPIPE ended.</summary>
    OutputClosed = 141,
}
