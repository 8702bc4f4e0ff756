using System.Globalization;
using Local.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

// Local.TestHost SILO_PORT GATEWAY_PORT CONNECTION_STRING
// Prints READY and its address, and ends in good order when its input closes.
int siloPort = int.Parse(args[0], CultureInfo.InvariantCulture), gatewayPort = int.Parse(args[1], CultureInfo.InvariantCulture);
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddConsole(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
builder.UseOrleans(silo => ClusterSetup.Configure(silo, siloPort, gatewayPort, args[2]));
using IHost host = builder.Build();
await host.StartAsync().ConfigureAwait(false);
Console.WriteLine("READY " + host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString());
while (await Console.In.ReadLineAsync().ConfigureAwait(false) is not null)
{
    // Nothing is asked of it.
}

await host.StopAsync().ConfigureAwait(false);
