using System.Net;
using Orleans.Runtime;

namespace Orleans.Messaging
{
    /// <summary>Where an external client finds gateways.</summary>
    public interface IGatewayListProvider
    {
        TimeSpan MaxStaleness { get; }

        [Obsolete("This attribute is no longer used and all providers are considered updatable")]
        bool IsUpdatable { get; }

        Task InitializeGatewayListProvider();

        /// <summary>The gateways, as written by <see cref="GatewayUriExtensions"/>.</summary>
        Task<IList<Uri>> GetGateways();
    }
}

namespace Orleans.Runtime
{
    /// <summary>Gateways as URIs: gwy.tcp://ip:port/generation.</summary>
    public static class GatewayUriExtensions
    {
        public static Uri ToGatewayUri(this IPEndPoint ep) => new($"gwy.tcp://{new IPEndPoint(ep.Address, ep.Port)}/0");

        public static Uri ToGatewayUri(this SiloAddress address) => new($"gwy.tcp://{address.Endpoint}/{address.Generation}");

        internal static IPEndPoint ToGatewayEndPoint(this Uri uri) => new(IPAddress.Parse(uri.Host), uri.Port);
    }
}
