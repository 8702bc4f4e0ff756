using System.Net;

namespace Orleans.Configuration;

/// <summary>The identity of the cluster; equal on all its silos and clients.</summary>
public class ClusterOptions
{
    public const string DefaultClusterId = "default";
    public const string DefaultServiceId = "default";

    public string ClusterId { get; set; } = DefaultClusterId;

    public string ServiceId { get; set; } = DefaultServiceId;
}

/// <summary>The silo's name; travels in the membership table.</summary>
public class SiloOptions
{
    public string SiloName { get; set; } = null!;
}

/// <summary>Where the silo listens and how others reach it.</summary>
public class EndpointOptions
{
    public const int DEFAULT_SILO_PORT = 11111;
    public const int DEFAULT_GATEWAY_PORT = 30000;

    public IPAddress AdvertisedIPAddress { get; set; } = IPAddress.Loopback;

    public int SiloPort { get; set; } = DEFAULT_SILO_PORT;

    /// <summary>0: the silo is no gateway.</summary>
    public int GatewayPort { get; set; } = DEFAULT_GATEWAY_PORT;

    public IPEndPoint? SiloListeningEndpoint { get; set; }

    public IPEndPoint? GatewayListeningEndpoint { get; set; }
}

/// <summary>Gateways that never change.</summary>
public class StaticGatewayListProviderOptions
{
    public List<Uri> Gateways { get; set; } = [];
}

/// <summary>How a client follows the list of gateways.</summary>
public class GatewayOptions
{
    public TimeSpan GatewayListRefreshPeriod { get; set; } = TimeSpan.FromMinutes(1);
}

/// <summary>Membership in a database, for a silo.</summary>
public class AdoNetClusteringSiloOptions
{
    public string Invariant { get; set; } = null!;

    public string? ConnectionString { get; set; }
}

/// <summary>Membership in a database, for a client.</summary>
public class AdoNetClusteringClientOptions
{
    public string Invariant { get; set; } = null!;

    public string? ConnectionString { get; set; }
}

/// <summary>Reminders in a database.</summary>
public class AdoNetReminderTableOptions
{
    public string Invariant { get; set; } = null!;

    public string? ConnectionString { get; set; }
}
