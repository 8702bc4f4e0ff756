namespace Orleans.Runtime;

/// <summary>Small calls between the runtimes of silos, outside of grains: probes, gossip, directory, manifests. They are answered while the silo lives, whatever its grains do.</summary>
internal interface ISystemCalls
{
    /// <summary>Registers who answers calls of that name. Before the transport starts.</summary>
    void Handle(string name, Func<SiloAddress?, ReadOnlyMemory<byte>, Task<byte[]>> handler);

    /// <summary>Calls another silo. Throws <see cref="TimeoutException"/>, or what the transport or the handler threw.</summary>
    Task<byte[]> CallAsync(SiloAddress silo, string name, ReadOnlyMemory<byte> argument, TimeSpan timeout, CancellationToken cancellationToken = default);
}
