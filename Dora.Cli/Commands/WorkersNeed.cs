using Dora.Core.Linux;

namespace Dora.Cli.Commands;

/// <summary>What this process must have before it starts workers, which inherit it: a worker that fails half way says less.</summary>
internal static class WorkersNeed
{
    /// <exception cref="DoraException">Configuration.</exception>
    public static void ThrowIfMissing()
    {
        if (OpenFilesLimit.Problem(OpenFilesLimit.Worker, "each worker") is { } problem)
        {
            throw new DoraException(DoraErrorCode.Configuration, problem);
        }
    }
}
