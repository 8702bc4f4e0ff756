namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>One way of getting bytes from a server process.</summary>
internal interface IContender : IAsyncDisposable
{
    /// <summary>As the report names it.</summary>
    string Name { get; }

    /// <summary>Whether each caller needs a thread of its own.</summary>
    bool IsBlocking => false;

    /// <summary>A new caller.</summary>
    Task<ICaller> OpenAsync();

    /// <summary>What the server process has used so far.</summary>
    Task<ServerSample> SampleAsync();
}

/// <summary>What a server process has used since it started.</summary>
/// <param name="CpuSeconds">CPU time, user and system.</param>
/// <param name="AllocatedBytes">Managed memory allocated; null where that means nothing.</param>
internal readonly record struct ServerSample(double CpuSeconds, long? AllocatedBytes);
