using Orleans.Runtime;

namespace Orleans;

/// <summary>A silo's row.</summary>
[GenerateSerializer]
[Alias("Orleans.MembershipEntry")]
public sealed class MembershipEntry
{
    [Id(0)]
    public SiloAddress SiloAddress { get; set; } = null!;

    [Id(1)]
    public SiloStatus Status { get; set; }

    /// <summary>Who suspects the silo, and since when.</summary>
    [Id(2)]
    public List<Tuple<SiloAddress, DateTime>>? SuspectTimes { get; set; }

    /// <summary>The gateway port; 0 when the silo is no gateway.</summary>
    [Id(3)]
    public int ProxyPort { get; set; }

    [Id(4)]
    public string HostName { get; set; } = null!;

    [Id(5)]
    public string SiloName { get; set; } = null!;

    [Id(9)]
    public DateTime StartTime { get; set; }

    [Id(10)]
    public DateTime IAmAliveTime { get; set; }

    public void AddSuspector(SiloAddress suspectingSilo, DateTime suspectingTime) => (SuspectTimes ??= []).Add(Tuple.Create(suspectingSilo, suspectingTime));

    public override string ToString() => $"SiloAddress={SiloAddress} SiloName={SiloName} Status={Status}";

    internal MembershipEntry Copy() => new()
    {
        SiloAddress = SiloAddress,
        Status = Status,
        SuspectTimes = SuspectTimes is null ? null : [.. SuspectTimes],
        ProxyPort = ProxyPort,
        HostName = HostName,
        SiloName = SiloName,
        StartTime = StartTime,
        IAmAliveTime = IAmAliveTime,
    };
}
