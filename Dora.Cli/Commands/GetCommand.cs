using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class GetCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var target = new Argument<string>("target") { Description = "Local file, or directory for a directory (default: the name, here).", DefaultValueFactory = static _ => string.Empty };
        var force = new Option<bool>("--force") { Description = "Replace local files that are there." };
        var command = new Command("get", "Copies a file, or a directory with all below it, to this machine. Example: dora get /data/model ./model") { path, target, force };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context, DoraPath.Parse(context.Parsed.GetRequiredValue(path)), context.Parsed.GetRequiredValue(target), context.Parsed.GetValue(force), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, DoraPath path, string target, bool force, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        FileStat stat = await client.StatAsync(path.Value, cancellationToken);
        string local = target.Length == 0 ? path.IsRoot ? "." : path.Name : target;
        var copied = new Copied(context, force);
        if (stat.Kind == FileKind.File)
        {
            string file = Directory.Exists(local) ? Path.Combine(local, path.Name) : local;
            await copied.FileAsync(client, stat, file, cancellationToken);
        }
        else
        {
            await copied.DirectoryAsync(client, path.Value, local, cancellationToken);
        }

        var result = new { copied.Files, copied.Bytes, Target = Path.GetFullPath(local) };
        context.Terminal.Result(result, console => console.MarkupLineInterpolated($"{Format.Count(result.Files, "file")}, {Format.Bytes(result.Bytes)} -> {Printable.Name(result.Target)}"));
        return ExitCode.Ok;
    }

    private sealed class Copied(CommandContext context, bool force)
    {
        public long Files { get; private set; }

        public long Bytes { get; private set; }

        public async Task DirectoryAsync(DoraClient client, string path, string local, CancellationToken cancellationToken)
        {
            var pending = new Queue<(string Path, string Local)>([(path, local)]);
            while (pending.TryDequeue(out (string Path, string Local) directory))
            {
                Directory.CreateDirectory(directory.Local);
                await foreach (FileStat entry in client.ListAsync(directory.Path, cancellationToken))
                {
                    string target = Path.Combine(directory.Local, entry.Name);
                    if (entry.Kind == FileKind.Directory)
                    {
                        pending.Enqueue((entry.Path, target));
                    }
                    else
                    {
                        await FileAsync(client, entry, target, cancellationToken);
                    }
                }
            }
        }

        /// <summary>Into a temporary name first: an interrupted copy leaves no half file under the right name.</summary>
        public async Task FileAsync(DoraClient client, FileStat stat, string local, CancellationToken cancellationToken)
        {
            if (File.Exists(local) && !force)
            {
                throw new DoraException(DoraErrorCode.AlreadyExists, $"'{local}' is there already: give another target, or --force to replace it");
            }

            string partial = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(local))!, ".dora-" + Guid.NewGuid().ToString("N"));
            var exclusive = new FileStreamOptions
            {
                // Never a file that is there, never through a link.
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.None,
                BufferSize = 0,
            };
            if (!OperatingSystem.IsWindows())
            {
                exclusive.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            FileStream output = new(partial, exclusive);
            try
            {
                await using (output)
                {
                    await using DoraFile file = await client.OpenReadAsync(stat.Path, cancellationToken);
                    Bytes += await Output.Progress.OfBytesAsync(
                        context.Terminal, stat.Name, stat.Length, report => FileCopy.ToStreamAsync(file, 0, long.MaxValue, output, report, cancellationToken));
                    if (!OperatingSystem.IsWindows())
                    {
                        File.SetUnixFileMode(output.SafeFileHandle, FileModes.New);
                    }
                }

                File.Move(partial, local, overwrite: force);
                Files++;
            }
            finally
            {
                File.Delete(partial);
            }
        }
    }
}
