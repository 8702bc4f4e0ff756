namespace Orleans.Configuration
{
    /// <summary>How calls are answered and given up.</summary>
    public abstract class MessagingOptions
    {
        public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

        public TimeSpan ResponseTimeoutWithDebugger { get; set; } = TimeSpan.FromMinutes(30);

        /// <summary>A call that times out at its caller has its token cancelled in the grain.</summary>
        public bool CancelRequestOnTimeout { get; set; }

        /// <summary>A call whose caller gave up is not started.</summary>
        public bool DropExpiredMessages { get; set; } = true;

        public int MaxMessageHeaderSize { get; set; } = 10 * 1024 * 1024;

        public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;
    }

    /// <summary>Calls made by a silo's grains.</summary>
    public class SiloMessagingOptions : MessagingOptions
    {
        /// <summary>How often a call may be sent on to another silo.</summary>
        public int MaxForwardCount { get; set; } = 2;

        public TimeSpan SystemResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>Calls that may wait for one activation; 0: no limit.</summary>
        public int MaxEnqueuedRequestsHardLimit { get; set; }
    }

    /// <summary>Calls made by an external client.</summary>
    public class ClientMessagingOptions : MessagingOptions;

    /// <summary>When idle activations are collected.</summary>
    public class GrainCollectionOptions
    {
        public TimeSpan CollectionAge { get; set; } = TimeSpan.FromMinutes(15);

        public TimeSpan CollectionQuantum { get; set; } = TimeSpan.FromMinutes(1);

        public TimeSpan ActivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        public TimeSpan DeactivationTimeout { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>By full class name.</summary>
        public Dictionary<string, TimeSpan> ClassSpecificCollectionAge { get; set; } = [];
    }

    /// <summary>The grain directory.</summary>
    public class GrainDirectoryOptions
    {
        /// <summary>How long a crashed silo's part of the directory stays closed.</summary>
        public TimeSpan RangeLeaseDuration { get; set; } = TimeSpan.FromSeconds(30);

        public int CacheSize { get; set; } = 1_000_000;
    }

    /// <summary>How silos find each other alive and dead.</summary>
    public class ClusterMembershipOptions
    {
        private TimeSpan? _minProbeTimeout;
        private TimeSpan? _maxProbeTimeout;

        public int NumMissedProbesLimit { get; set; } = 3;

        public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(5);

        public TimeSpan MinProbeTimeout { get => _minProbeTimeout ?? ProbeTimeout / 2; set => _minProbeTimeout = value; }

        public TimeSpan MaxProbeTimeout { get => _maxProbeTimeout ?? ProbeTimeout * 4; set => _maxProbeTimeout = value; }

        public int NumProbedSilos { get; set; } = 10;

        public int NumVotesForDeathDeclaration { get; set; } = 2;

        public TimeSpan DeathVoteExpirationTimeout { get; set; } = TimeSpan.FromSeconds(120);

        public TimeSpan TableRefreshTimeout { get; set; } = TimeSpan.FromSeconds(60);

        public TimeSpan IAmAliveTablePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

        public int NumMissedTableIAmAliveLimit { get; set; } = 3;

        public TimeSpan MaxJoinAttemptTime { get; set; } = TimeSpan.FromMinutes(5);

        public TimeSpan DefunctSiloExpiration { get; set; } = TimeSpan.FromDays(7);

        public TimeSpan? DefunctSiloCleanupPeriod { get; set; } = TimeSpan.FromHours(1);

        public bool UseLivenessGossip { get; set; } = true;

        public bool LivenessEnabled { get; set; } = true;

        public bool EnableIndirectProbes { get; set; } = true;
    }
}

namespace Orleans.Hosting
{
    /// <summary>The reminder service.</summary>
    public sealed class ReminderOptions
    {
        public TimeSpan MinimumReminderPeriod { get; set; } = TimeSpan.FromMinutes(1);

        public TimeSpan RefreshReminderListPeriod { get; set; } = TimeSpan.FromMinutes(5);

        public TimeSpan InitializationTimeout { get; set; } = TimeSpan.FromMinutes(1);
    }
}
