using System.CommandLine;
using System.Globalization;
using Dora.LocalCluster;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class MountCommand
{
    public static Command Create(CommandRunner runner) =>
        new("mount", "Which Dora path stands for which store. Example: dora mount add /data /srv/datasets") { Add(runner), Set(runner), List(runner), Remove(runner) };

    private static Command Add(CommandRunner runner)
    {
        var path = new Argument<string>("path") { Description = "Dora path, for example /data." };
        var uri = new Argument<string>("uri") { Description = "Root in the store: a directory or file:///directory." };
        var fetchSize = new Option<string?>("--fetch-size") { Description = "Bytes that a miss fetches together, a power of two from 64k to 16m (default 1m).", HelpName = "SIZE" };
        var oldFetchSize = new Option<string?>("--page-size") { Description = "The former name of --fetch-size.", Hidden = true };
        var freshness = new Option<string?>("--freshness") { Description = "immutable, validate-on-open, or 'max-age 10m' (default 'max-age 1m').", HelpName = "RULE" };
        (Option<string?> quota, Option<string?> pageTtl) = (Quota(), PageTtl());
        var replicas = new Option<int>("--replicas") { Description = "Workers over which the reads of one file are spread, 1 to 8 (default 1).", HelpName = "N" };
        var command = new Command("add", "Mounts a store. Example: dora mount add /data /srv/datasets --freshness 'max-age 10m' --quota 10GiB")
        {
            path, uri, fetchSize, oldFetchSize, freshness, quota, pageTtl, replicas,
        };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            string? text = context.Parsed.GetValue(fetchSize) ?? context.Parsed.GetValue(oldFetchSize);
            long size = text is null ? 0 : SizeOption.Parse(text, fetchSize.Name);
            CacheRules rules = CacheRules.Parse(context.Parsed.GetValue(quota), context.Parsed.GetValue(pageTtl));
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            var mount = new MountView(
                context.Parsed.GetRequiredValue(path),
                UfsLocation.Absolute(context.Parsed.GetRequiredValue(uri)),
                (int)Math.Min(size, int.MaxValue),
                context.Parsed.GetValue(freshness) ?? string.Empty,
                rules.QuotaBytes,
                rules.PageTtl,
                Replicas: context.Parsed.GetValue(replicas));
            await client.Mounts.AddAsync(mount, cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Option<string?> Quota() =>
        new("--quota") { Description = "The most bytes of the mount's pages that each worker holds, for example 10GiB, or none.", HelpName = "SIZE" };

    private static Option<string?> PageTtl() =>
        new("--page-ttl") { Description = "How long a cached page may be served, for example 7d, or none.", HelpName = "TIME" };

    private static Command Set(CommandRunner runner)
    {
        var path = new Argument<string>("path") { Description = "The mount's Dora path." };
        (Option<string?> quota, Option<string?> pageTtl) = (Quota(), PageTtl());
        var command = new Command("set", "Changes the quota or the page TTL of a mount, at once. Example: dora mount set /data --quota 20GiB --page-ttl none") { path, quota, pageTtl };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            (string? bytes, string? ttl) = (context.Parsed.GetValue(quota), context.Parsed.GetValue(pageTtl));
            CacheRules given = CacheRules.Parse(bytes, ttl);
            if (bytes is null && ttl is null)
            {
                throw new DoraException(DoraErrorCode.InvalidArgument, "nothing to set: give --quota or --page-ttl");
            }

            DoraPath mount = DoraPath.Parse(context.Parsed.GetRequiredValue(path));
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            CacheRules known = client.Mounts.Current.FirstOrDefault(m => m.Path == mount)?.Rules ?? default;
            var rules = new CacheRules(bytes is null ? known.QuotaBytes : given.QuotaBytes, ttl is null ? known.PageTtl : given.PageTtl);
            await client.Mounts.SetRulesAsync(mount.Value, rules, cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(CommandRunner runner)
    {
        var command = new Command("list", "All mounts. Example: dora mount list --json");
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove(CommandRunner runner)
    {
        var path = new Argument<string>("path") { Description = "The mount's Dora path." };
        var command = new Command("remove", "Removes a mount and frees what is cached of it; the store keeps its files. Example: dora mount remove /data") { path };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            await client.Mounts.RemoveAsync(context.Parsed.GetRequiredValue(path), cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Render(Terminal terminal, DoraClient client)
    {
        var mounts = client.Mounts.Current.Select(static m => new
        {
            Path = m.Path.Value,
            Ufs = m.Ufs.Value,
            m.FetchSize,
            Freshness = m.Freshness.ToString(),
            m.Rules.QuotaBytes,
            PageTtl = m.Rules.PageTtl == TimeSpan.Zero ? null : Duration.Format(m.Rules.PageTtl),
            m.Replicas,
        }).ToArray();
        terminal.Result(mounts, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("path", "store", "fetch size", "freshness", "quota", "page TTL", "replicas");
            foreach (var mount in mounts)
            {
                table.AddRow(
                    Markup.Escape(mount.Path),
                    Markup.Escape(mount.Ufs),
                    Format.Bytes(mount.FetchSize),
                    mount.Freshness,
                    mount.QuotaBytes == 0 ? "none" : Format.Bytes(mount.QuotaBytes),
                    mount.PageTtl ?? "none",
                    mount.Replicas.ToString(CultureInfo.InvariantCulture));
            }

            console.Write(table);
        });
    }
}
