namespace Dora.Silo.Hosting;

/// <summary>How the worker behaves as a process.</summary>
/// <param name="LogToStderr">Log to stderr instead of the data directory.</param>
/// <param name="ExitWithStdin">Stop when stdin is closed.</param>
/// <param name="Verbose">Log more, and print stack traces of fatal errors.</param>
/// <param name="LockWait">How long a data directory is waited for that another worker has.</param>
internal sealed record WorkerProcessOptions(bool LogToStderr, bool ExitWithStdin, bool Verbose, TimeSpan LockWait = default);
