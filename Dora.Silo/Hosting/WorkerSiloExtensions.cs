using System.Net;
using Dora.Diagnostics;
using Dora.Grains;
using Dora.Grains.Cluster;
using Dora.Grains.Workers;
using Dora.PageChannel.Client;
using Dora.PageChannel.Server;
using Dora.Silo.Files;
using Dora.Silo.PageChannel;
using Dora.Silo.Peers;
using Dora.Silo.SameHost;
using Dora.Storage.Files;
using Dora.Storage.Pages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Dora.Silo.Hosting;

/// <summary>What makes a silo a whole Dora worker. The order does not matter; each line is a feature.</summary>
internal static class WorkerSiloExtensions
{
    /// <summary>The worker without what connects it to others, so that it runs in a test cluster as it does in a process.</summary>
    public static ISiloBuilder AddDoraWorker(this ISiloBuilder silo, WorkerOptions options, DataDirectory data, PageChannelListener listener) => silo
        .AddDoraIdentity(new WorkerDescriptor(data.WorkerId, listener.EndPoint.Port, HttpPort: 0, options.Weight))
        .AddDoraStorage(options, data)
        .AddDoraClusterStore(options.ClusterAddress)
        .AddDoraClusterState()
        .AddDoraPlacement()
        .AddDoraGrains()
        .AddDoraPeers(options, data.WorkerId)
        .AddDoraSameHost(options, data)
        .AddDoraPageChannel(options, data.WorkerId, listener)
        .AddDoraDiagnostics(data.WorkerId);

    /// <summary>The worker's name and ports, announced in the silo's name.</summary>
    public static ISiloBuilder AddDoraIdentity(this ISiloBuilder silo, WorkerDescriptor descriptor)
    {
        silo.Services.PostConfigure<SiloOptions>(o => o.SiloName = descriptor.ToSiloName());
        return silo;
    }

    /// <summary>Bytes that other workers have cached, asked for before the under stores.</summary>
    public static ISiloBuilder AddDoraPeers(this ISiloBuilder silo, WorkerOptions options, WorkerId self)
    {
        ChannelSecurity security = ChannelSecurity.Load(options);
        var channel = new ChannelOptions
        {
            ClusterId = options.ClusterId ?? ClusterNames.DefaultClusterId,
            Token = security.Token,
            UseTls = security.WorkerCheck is not null,
            WorkerCertificateCheck = security.WorkerCheck,
            PollTime = TimeSpan.Zero, // workers ask each other seldom, and have other work meanwhile
        };
        silo.Services.AddSingleton(new PeerOptions());
        silo.Services.AddSingleton(s => new PageChannelPool(
            s.GetRequiredService<PeerOptions>().Channel(channel), s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<PagePeers>>()));
        silo.Services.AddSingleton(s => new PagePeers(
            self, s.GetRequiredService<IClusterState>(), s.GetRequiredService<PageChannelPool>(), s.GetRequiredService<PeerOptions>(), s.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton<IPagePeers>(static s => s.GetRequiredService<PagePeers>());
        silo.Services.AddTransient<HandOverList>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(s => new PageHandOver(
            self,
            s.GetRequiredService<HandOverList>,
            s.GetRequiredService<IGrainFactory>(),
            options.HandOverTime,
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<PageHandOver>>()));
        return silo.AddDoraMetadataPeers(self);
    }

    /// <summary>Metadata that other workers know, asked for before the under stores, and taken over when files change their owners.</summary>
    private static ISiloBuilder AddDoraMetadataPeers(this ISiloBuilder silo, WorkerId self)
    {
        IServiceCollection services = silo.Services;
        services.AddSingleton<MetadataSources>();
        services.AddSingleton(s => new PeerChannels(s.GetRequiredService<PageChannelPool>(), s.GetRequiredService<PeerOptions>()));
        services.AddSingleton<IMetadataPeers>(s => ActivatorUtilities.CreateInstance<MetadataPeers>(s, self));
        services.AddSingleton(s => ActivatorUtilities.CreateInstance<MetadataTakeOver>(s, self));
        services.AddSingleton<IMetadataTaker>(static s => s.GetRequiredService<MetadataTakeOver>());
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static s => s.GetRequiredService<MetadataTakeOver>());
        services.AddSingleton<IKnownRequestHandler>(s => ActivatorUtilities.CreateInstance<KnownMetadata>(s, self, (Func<FileId, HeldPages>)s.GetRequiredService<IPageStore>().Held));
        return silo;
    }

    /// <summary>Gives clients of this host the segments' files, when the options say so.</summary>
    public static ISiloBuilder AddDoraSameHost(this ISiloBuilder silo, WorkerOptions options, DataDirectory data)
    {
        if (SameHostPath.For(options, data) is { } path)
        {
            silo.Services.AddSingleton(s => SameHostDoor.Open(
                path, s.GetRequiredService<IFileReader>().OpenSegment, s.GetRequiredService<TimeProvider>(), s.GetRequiredService<ILogger<SameHostDoor>>()));
        }

        return silo;
    }

    /// <summary>Serves pages to clients on a port that is bound already.</summary>
    public static ISiloBuilder AddDoraPageChannel(this ISiloBuilder silo, WorkerOptions options, WorkerId self, PageChannelListener listener)
    {
        Caller caller = ChannelSecurity.Load(options).Token.IsEmpty ? Caller.Anonymous : Caller.Cluster;
        string clusterId = options.ClusterId ?? ClusterNames.DefaultClusterId;
        silo.Services.AddSingleton(s => ForeignReads.Create(options.ForeignStoreRate, s.GetRequiredService<TimeProvider>()));
        silo.Services.AddSingleton(listener);
        silo.Services.AddSingleton<IPageRequestHandler>(s => new PageRequestHandler(
            self,
            s.GetRequiredService<IClusterState>(),
            s.GetRequiredService<WorkerFiles>(),
            s.GetRequiredService<ForeignReads>(),
            caller,
            new OtherAnswers(
                s.GetService<SameHostDoor>(),
                s.GetService<IKnownRequestHandler>(),
                new ViewAnswers(s.GetRequiredService<IClusterWatch>(), clusterId, s.GetRequiredService<TimeProvider>()))));
        silo.Services.AddSingleton<LocalWorkers>();
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, PageChannelService>();
        return silo;
    }

    /// <summary>The worker's instruments.</summary>
    public static ISiloBuilder AddDoraDiagnostics(this ISiloBuilder silo, WorkerId self)
    {
        silo.Services.AddSingleton(_ => new DoraMeter(self.Value));
        silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, WorkerMetrics>();
        return silo;
    }

    /// <summary>
    /// Connects the silo with the others of the cluster, through the cluster's database, with failure detection in some seconds: the defaults of
    /// Orleans take ten to thirty.
    /// </summary>
    public static ISiloBuilder UseDoraCluster(this ISiloBuilder silo, WorkerOptions options, WorkerPorts ports)
    {
        silo.Configure<ClusterOptions>(o => (o.ClusterId, o.ServiceId) = (options.ClusterId ?? ClusterNames.DefaultClusterId, ClusterNames.ServiceId));
        silo.Configure<EndpointOptions>(o =>
        {
            o.AdvertisedIPAddress = options.Address;
            (o.SiloPort, o.GatewayPort) = (ports.Silo, ports.Gateway);
            o.SiloListeningEndpoint = new IPEndPoint(options.Address, ports.Silo);
            o.GatewayListeningEndpoint = new IPEndPoint(options.Address, ports.Gateway);
        });
        silo.UseDoraClusterStore(options.ClusterAddress);

        // A reminder that was registered while workers come and go is found by this refresh at the latest; Orleans' default is five minutes.
        silo.Configure<ReminderOptions>(static o => o.RefreshReminderListPeriod = TimeSpan.FromSeconds(30));
        silo.Configure<ClusterMembershipOptions>(Tune);
        silo.Configure<SiloMessagingOptions>(static o => o.ResponseTimeout = TimeSpan.FromSeconds(5));
        return silo.UseDoraGrainDirectory();
    }

    /// <summary>
    /// Orleans' distributed grain directory. It is marked experimental; the default one drops the healthy activations whose entries lived on a worker that left,
    /// and their state with them.
    /// </summary>
    private static ISiloBuilder UseDoraGrainDirectory(this ISiloBuilder silo)
    {
        // After a crash the keys of the dead worker wait for this lease; it must outlast the detection, so that a worker accused wrongly has stopped.
        silo.Configure<GrainDirectoryOptions>(static o => o.RangeLeaseDuration = TimeSpan.FromSeconds(8));
#pragma warning disable ORLEANSEXP003 // the reason is in the summary above
        return silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
    }

    /// <summary>
    /// Clients and peers do not wait for membership, so a death may take seconds to be declared. It must not be declared of a worker that is only busy: three workers that loaded 100,000 files on two
    /// cores answered no probe for two seconds now and then, and a live one was ended.
    /// </summary>
    private static void Tune(ClusterMembershipOptions o)
    {
        o.ProbeTimeout = TimeSpan.FromSeconds(1);
        o.MinProbeTimeout = TimeSpan.FromSeconds(0.5);
        o.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        o.NumMissedProbesLimit = 4;
        o.NumVotesForDeathDeclaration = 2;
        o.TableRefreshTimeout = TimeSpan.FromSeconds(3);
        o.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3);
    }
}
