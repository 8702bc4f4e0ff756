namespace Dora.LocalCluster;

/// <summary>What a worker process says when it is active.</summary>
internal sealed record WorkerReady(string WorkerId, int SiloPort, int GatewayPort, int PagePort, int Pid);
