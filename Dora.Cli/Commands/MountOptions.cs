using System.CommandLine;
using Dora.LocalCluster;

namespace Dora.Cli.Commands;

/// <summary>The options of a mount, the same to add one and to change one.</summary>
internal sealed class MountOptions
{
    private readonly Option<string?> _fetchSize = new("--fetch-size") { Description = "Bytes that a miss fetches together, a power of two from 64k to 16m (default 1m).", HelpName = "SIZE" };
    private readonly Option<string?> _oldFetchSize = new("--page-size") { Description = "The former name of --fetch-size.", Hidden = true };
    private readonly Option<string?> _freshness = new("--freshness") { Description = "immutable, validate-on-open, or 'max-age 10m' (default 'max-age 1m').", HelpName = "RULE" };
    private readonly Option<string?> _quota = new("--quota") { Description = "The most bytes of the mount's pages that each worker holds, for example 10GiB, or none.", HelpName = "SIZE" };
    private readonly Option<string?> _pageTtl = new("--page-ttl") { Description = "How long a cached page may be served, for example 7d, or none.", HelpName = "TIME" };
    private readonly Option<int?> _replicas = new("--replicas") { Description = $"Workers over which the reads of one file are spread, 1 to {Mount.MaxReplicas} (default 1).", HelpName = "N" };

    private Option[] All => [_fetchSize, _oldFetchSize, _freshness, _quota, _pageTtl, _replicas];

    /// <summary>The names of all that people know.</summary>
    public string Names => string.Join(", ", All.Where(static o => !o.Hidden).Select(static o => o.Name)).Replace(", --replicas", " or --replicas", StringComparison.Ordinal);

    public void AddTo(Command command) => Array.ForEach(All, command.Options.Add);

    /// <summary>Whether one is on the command line.</summary>
    public bool AreGiven(ParseResult parsed) => All.Any(o => parsed.GetResult(o) is { Implicit: false });

    /// <summary>A mount with the options of the command line; those that are not there stay as they are.</summary>
    /// <exception cref="DoraException">InvalidArgument.</exception>
    public Mount Apply(ParseResult parsed, Mount mount)
    {
        (string? quota, string? pageTtl, string? freshness) = (parsed.GetValue(_quota), parsed.GetValue(_pageTtl), parsed.GetValue(_freshness));
        CacheRules given = CacheRules.Parse(quota, pageTtl);
        Freshness rule = mount.Freshness;
        if (freshness is not null && !Freshness.TryParse(freshness, out rule, out string? error))
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, error);
        }

        int replicas = parsed.GetValue(_replicas) ?? mount.Replicas;
        return mount with
        {
            FetchSize = FetchSize(parsed) ?? mount.FetchSize,
            Freshness = rule,
            Rules = new CacheRules(quota is null ? mount.Rules.QuotaBytes : given.QuotaBytes, pageTtl is null ? mount.Rules.PageTtl : given.PageTtl),
            Replicas = replicas is >= 1 and <= Mount.MaxReplicas ? replicas : throw new DoraException(DoraErrorCode.InvalidArgument, $"--replicas {replicas} is not 1 to {Mount.MaxReplicas}"),
        };
    }

    private int? FetchSize(ParseResult parsed) =>
        (parsed.GetValue(_fetchSize) ?? parsed.GetValue(_oldFetchSize)) is { } text
            ? new FetchGeometry((int)Math.Min(SizeOption.Parse(text, _fetchSize.Name), int.MaxValue)).Size
            : null;
}
