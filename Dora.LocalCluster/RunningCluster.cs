using System.Text.Json;

namespace Dora.LocalCluster;

/// <summary>
/// A data directory that a process runs a cluster in: a lock that the system drops with the process, and beside it which workers there should be. What is left of it when the process was killed still tells
/// that they should.
/// </summary>
internal sealed class RunningCluster : IDisposable
{
    /// <summary>Held while the cluster runs.</summary>
    public const string LockName = "lock";

    /// <summary>Says which workers there should be; absent when the cluster was stopped in order.</summary>
    public const string StateName = "running.json";

    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web);

    private readonly string _state;
    private readonly FileStream _lock;

    private RunningCluster(string state, FileStream held) => (_state, _lock) = (state, held);

    /// <summary>Takes a data directory.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="workers">The workers that will run.</param>
    /// <exception cref="DoraException">Configuration: another process has it.</exception>
    public static RunningCluster Take(ClusterDirectory directory, IReadOnlyList<string> workers)
    {
        string state = Path.Combine(directory.Root, StateName);
        try
        {
            FileStream held = PrivateFiles.Open(Path.Combine(directory.Root, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            PrivateFiles.WriteAllText(state, JsonSerializer.Serialize(new ExpectedWorkers(Environment.ProcessId, workers), Format));
            return new RunningCluster(state, held);
        }
        catch (IOException e)
        {
            string who = Read(directory.Root) is { } known ? $" (process {known.ProcessId})" : string.Empty;
            throw new DoraException(DoraErrorCode.Configuration, $"a cluster runs in '{directory.Root}' already{who}: use it, stop it, or choose another directory with --data", e);
        }
    }

    /// <summary>Which workers should run in a data directory; <see langword="null"/>: none, or it is not known.</summary>
    public static ExpectedWorkers? Read(string root)
    {
        try
        {
            return JsonSerializer.Deserialize<ExpectedWorkers>(File.ReadAllText(Path.Combine(root, StateName)), Format);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>The cluster was stopped in order: no worker should run.</summary>
    public void Dispose()
    {
        File.Delete(_state);
        _lock.Dispose();
    }
}

/// <summary>Which workers should run.</summary>
/// <param name="ProcessId">The process that started them.</param>
/// <param name="Workers">Their ids.</param>
internal sealed record ExpectedWorkers(int ProcessId, IReadOnlyList<string> Workers);
