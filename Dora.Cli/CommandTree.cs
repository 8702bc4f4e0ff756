using System.CommandLine;
using Dora.Cli.Commands;

namespace Dora.Cli;

/// <summary>All commands, in the order that help shows them.</summary>
internal static class CommandTree
{
    public static RootCommand Create(CommandRunner runner)
    {
        var root = new RootCommand("Dora: a distributed cache for AI and analytics data.")
        {
            DemoCommand.Create(runner),
            UpCommand.Create(runner),
            WorkersCommand.Create(runner),
            MountCommand.Create(runner),
            PinCommand.Create(runner),
            PinCommand.CreateUnpin(runner),
            PinCommand.CreateList(runner),
            LsCommand.Create(runner),
            StatCommand.Create(runner),
            CatCommand.Create(runner),
            GetCommand.Create(runner),
            LoadCommand.Create(runner),
            JobCommand.Create(runner),
            DuCommand.Create(runner),
            FreeCommand.Create(runner),
            DoctorCommand.Create(runner),
            VersionCommand.Create(runner),
        };
        root.Options.Add(runner.Data);
        root.Options.Add(runner.Json);
        root.Options.Add(runner.Verbose);
        return root;
    }
}
