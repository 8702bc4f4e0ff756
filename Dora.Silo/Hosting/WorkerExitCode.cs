namespace Dora.Silo.Hosting;

/// <summary>How the worker process ends. Scripts decide by these numbers: they are frozen.</summary>
internal enum WorkerExitCode
{
    /// <summary>Stopped on request, everything handed over.</summary>
    Ok = 0,

    /// <summary>A surprise; run with --verbose for the details.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>A directory, lock, port or format is in the way of starting.</summary>
    Configuration = 3,

    /// <summary>Stored data is damaged and cannot be set aside.</summary>
    Damaged = 4,
}
