using Orleans.Concurrency;

namespace Dora.Interfaces;

/// <summary>
/// A distributed load: lists a path and makes every file below it cached on its owner. The key is the job id, chosen by the caller. State is kept
/// in the cluster store and a reminder brings the job back after its worker died, so a started job ends, whatever dies meanwhile.
/// </summary>
[Alias("Dora.ILoadJobGrain")]
public interface ILoadJobGrain : IGrainWithStringKey
{
    /// <summary>Starts the job; asking again with the same path is harmless.</summary>
    [Alias("Start")]
    Task<LoadJobReply> StartAsync(LoadJobSpec spec);

    /// <summary>How far the job is.</summary>
    [Alias("GetStatus")]
    [AlwaysInterleave]
    Task<LoadJobReply> GetStatusAsync();

    /// <summary>Stops the job; what is loaded stays.</summary>
    [Alias("Stop")]
    Task<LoadJobReply> StopAsync();
}
