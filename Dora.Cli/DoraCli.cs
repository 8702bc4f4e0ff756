using System.CommandLine;
using Dora.Cli.Output;

namespace Dora.Cli;

/// <summary>The command line as a function, so that tests run it in memory and see exit code and output.</summary>
internal static class DoraCli
{
    /// <summary>Runs one command line.</summary>
    /// <param name="arguments">The arguments without the program's name.</param>
    /// <param name="output">Where data goes.</param>
    /// <param name="error">Where talk and errors go.</param>
    /// <param name="cancellationToken">Ends the command as Ctrl-C does.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken = default)
    {
        try
        {
            int code = await RunToEndAsync(arguments, output, error, cancellationToken);
            await output.FlushAsync(CancellationToken.None);
            return code;
        }
        catch (OutputException e)
        {
            if (e.IsReaderGone)
            {
                return (int)ExitCode.OutputClosed;
            }

            await error.WriteLineAsync("dora: " + e.Message);
            return (int)ExitCode.Failed;
        }
    }

    private static async Task<int> RunToEndAsync(string[] arguments, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        var runner = new CommandRunner(output, error);
        RootCommand root = CommandTree.Create(runner);
        ParseResult parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            string[] words = [.. parsed.CommandResult.Command.Parents.OfType<Command>().Reverse().Append(parsed.CommandResult.Command).Where(static c => c is not RootCommand).Select(static c => c.Name)];
            string said = parsed.Errors[0].Message.TrimEnd('.');
            new Terminal(output, error, parsed.GetResult(runner.Json) is { Implicit: false }).Failure(
                ErrorView.Of(ExitCode.Usage, $"{char.ToLowerInvariant(said[0])}{said[1..]}: see 'dora {string.Join(' ', words.Append("--help"))}'"));
            return (int)ExitCode.Usage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(30) },
            cancellationToken);
    }
}
