namespace Dora.Benchmarks.Channel;

/// <summary>One line of the comparison: how much is read at a time, by how many callers.</summary>
/// <param name="Name">As the report names it.</param>
/// <param name="Bytes">Bytes of one read.</param>
/// <param name="Callers">Callers at the same time.</param>
/// <param name="IsFiles">Whether whole small files are opened and read, instead of ranges of the large one.</param>
internal sealed record LoadCase(string Name, int Bytes, int Callers, bool IsFiles = false);

/// <summary>What one batch of a case gave.</summary>
/// <param name="Requests">Answers.</param>
/// <param name="Seconds">Wall time.</param>
/// <param name="P50">Median latency in seconds.</param>
/// <param name="P99">99th percentile in seconds.</param>
/// <param name="ClientCpu">CPU seconds of the client process.</param>
/// <param name="ServerCpu">CPU seconds of the server process.</param>
/// <param name="ClientAllocated">Bytes the client process allocated.</param>
/// <param name="ServerAllocated">Bytes the server process allocated; null where that means nothing.</param>
internal sealed record Batch(
    long Requests, double Seconds, double P50, double P99, double ClientCpu, double ServerCpu, long ClientAllocated, long? ServerAllocated);
