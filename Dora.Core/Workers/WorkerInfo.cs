namespace Dora;

/// <summary>An active worker as the rest of the cluster sees it.</summary>
/// <param name="Id">The stable worker id.</param>
/// <param name="Host">IP address or host name.</param>
/// <param name="PagePort">TCP port of the page channel.</param>
/// <param name="HttpPort">TCP port of the HTTP door, or 0.</param>
/// <param name="Weight">Share of keys relative to other workers.</param>
public sealed record WorkerInfo(WorkerId Id, string Host, int PagePort, int HttpPort, int Weight);
