using System.CommandLine;
using System.Globalization;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class MountCommand
{
    public static Command Create(CommandRunner runner) =>
        new("mount", "Which Dora path stands for which directory of a store (its ufs). Example: dora mount add /data /srv/datasets") { Add(runner), Set(runner), List(runner), Remove(runner) };

    private static Argument<string> MountPath => new("path") { Description = "The mount's Dora path, for example /data." };

    private static Command Add(CommandRunner runner)
    {
        Argument<string> path = MountPath;
        var ufs = new Argument<string>("ufs") { Description = "Root in the store: a directory or file:///directory." };
        var options = new MountOptions();
        var command = new Command("add", "Mounts a directory of a store. Example: dora mount add /data /srv/datasets --freshness 'max-age 10m' --quota 10GiB") { path, ufs };
        options.AddTo(command);
        runner.Bind(command, async (context, cancellationToken) =>
        {
            var wanted = new MountView(context.Parsed.GetRequiredValue(path), UfsLocation.Absolute(context.Parsed.GetRequiredValue(ufs)), 0, string.Empty);
            Mount mount = options.Apply(context.Parsed, wanted.ToMount());
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            Confirm(context.Terminal, "mounted", await client.Mounts.AddAsync(MountView.From(mount), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Set(CommandRunner runner)
    {
        Argument<string> path = MountPath;
        var options = new MountOptions();
        var command = new Command("set", "Changes options of a mount, at once; those that are not given stay. Example: dora mount set /data --quota 20GiB --page-ttl none") { path };
        options.AddTo(command);
        runner.Bind(command, async (context, cancellationToken) =>
        {
            if (!options.AreGiven(context.Parsed))
            {
                throw new DoraException(DoraErrorCode.InvalidArgument, $"nothing to set: give {options.Names}");
            }

            var there = new Mount(DoraPath.Parse(context.Parsed.GetRequiredValue(path)), UfsUri.Parse("/"), FetchGeometry.DefaultSize, Freshness.Default);
            options.Apply(context.Parsed, there); // what is wrong with an option is said without a cluster
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            there = client.Mounts.Current.FirstOrDefault(m => m.Path == there.Path) ?? there;
            Confirm(context.Terminal, "changed", await client.Mounts.ChangeAsync(options.Apply(context.Parsed, there), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(CommandRunner runner)
    {
        var command = new Command("list", "All mounts. Example: dora mount list --json");
        command.Aliases.Add("ls");
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            Mount[] mounts = [.. client.Mounts.Current];
            context.Terminal.Result(new { Mounts = mounts.Select(View) }, console =>
            {
                var table = new Table().Border(TableBorder.Simple).AddColumns("path", "ufs", "fetch size", "freshness", "quota", "page TTL", "replicas");
                foreach (Mount mount in mounts)
                {
                    table.AddRow(Format.Cell(mount.Path.Value), Format.Cell(mount.Ufs.Value), Format.Bytes(mount.FetchSize), mount.Freshness.ToString(), Quota(mount), PageTtl(mount) ?? "none", mount.Replicas.ToString(CultureInfo.InvariantCulture));
                }

                console.Write(table);
            });
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove(CommandRunner runner)
    {
        Argument<string> path = MountPath;
        var command = new Command("remove", "Removes a mount and frees what is cached of it; the store keeps its files. Example: dora mount remove /data") { path };
        command.Aliases.Add("rm");
        runner.Bind(command, async (context, cancellationToken) =>
        {
            DoraPath mount = DoraPath.Parse(context.Parsed.GetRequiredValue(path));
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            string? ufs = client.Mounts.Current.FirstOrDefault(m => m.Path == mount)?.Ufs.Value;
            await client.Mounts.RemoveAsync(mount.Value, cancellationToken);
            context.Terminal.Result(
                new { Path = mount.Value, Ufs = ufs },
                _ => context.Terminal.Output.WriteLine($"removed {Printable.Name(mount.Value)}; {(ufs is null ? "the store" : Printable.Name(ufs))} keeps its files"));
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Confirm(Terminal terminal, string done, Mount mount) => terminal.Result(View(mount), _ => terminal.Output.WriteLine(
        $"{done} {Printable.Name(mount.Path.Value)} -> {Printable.Name(mount.Ufs.Value)} (fetch size {Format.Bytes(mount.FetchSize)}, {mount.Freshness}, quota {Quota(mount)}, page TTL {PageTtl(mount) ?? "none"}, {Format.Count(mount.Replicas, "replica")})"));

    /// <summary>What programs get of a mount; null for what has no bound.</summary>
    private static object View(Mount mount) => new
    {
        Path = mount.Path.Value,
        Ufs = mount.Ufs.Value,
        mount.FetchSize,
        Freshness = mount.Freshness.ToString(),
        QuotaBytes = mount.Rules.QuotaBytes == 0 ? (long?)null : mount.Rules.QuotaBytes,
        PageTtl = PageTtl(mount),
        mount.Replicas,
    };

    private static string Quota(Mount mount) => mount.Rules.QuotaBytes == 0 ? "none" : Format.Bytes(mount.Rules.QuotaBytes);

    private static string? PageTtl(Mount mount) => mount.Rules.PageTtl == TimeSpan.Zero ? null : Duration.Format(mount.Rules.PageTtl);
}
