using System.Collections.Immutable;

namespace Dora.Grains.Cluster;

/// <summary>A silo that is a Dora worker.</summary>
/// <param name="Silo">Where it runs.</param>
/// <param name="Worker">What it announced.</param>
internal readonly record struct WorkerMember(SiloAddress Silo, WorkerInfo Worker);

/// <summary>Reads workers out of Orleans' membership.</summary>
internal static class WorkerMembers
{
    /// <summary>The active workers of a membership snapshot.</summary>
    public static ImmutableArray<WorkerMember> Active(ClusterMembershipSnapshot membership) =>
        Distinct(membership.Members.Values.Where(static m => m.Status == SiloStatus.Active));

    /// <summary>The workers among the given silos.</summary>
    public static ImmutableArray<WorkerMember> Among(IEnumerable<SiloAddress> silos, ClusterMembershipSnapshot membership) =>
        Distinct(silos.Select(s => membership.Members.GetValueOrDefault(s)).OfType<ClusterMember>());

    /// <summary>
    /// A worker that was killed and restarted is there twice until its first life is declared dead: the later start counts.
    /// </summary>
    private static ImmutableArray<WorkerMember> Distinct(IEnumerable<ClusterMember> members) =>
    [
        .. members
            .OrderByDescending(static m => m.SiloAddress.Generation)
            .Select(static m => (Member: m, Descriptor: WorkerDescriptor.Parse(m.Name)))
            .Where(static m => m.Descriptor is not null)
            .DistinctBy(static m => m.Descriptor!.Id)
            .Select(static m => new WorkerMember(m.Member.SiloAddress, ToInfo(m.Member.SiloAddress, m.Descriptor!)))
            .OrderBy(static m => m.Worker.Id),
    ];

    private static WorkerInfo ToInfo(SiloAddress silo, WorkerDescriptor descriptor) =>
        new(descriptor.Id, silo.Endpoint.Address.ToString(), descriptor.PagePort, descriptor.HttpPort, descriptor.Weight);
}
