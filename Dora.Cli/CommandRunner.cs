using System.CommandLine;
using Dora.Cli.Output;
using Dora.LocalCluster;

namespace Dora.Cli;

/// <summary>What all commands share: the global options, and how an error becomes one line and an exit code.</summary>
internal sealed class CommandRunner
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    public CommandRunner(TextWriter output, TextWriter error) => (_output, _error) = (output, error);

    public Option<string> Data { get; } = new("--data")
    {
        Description = "The cluster's data directory or SQLite file (default: DORA_DATA, else ~/.local/share/dora).",
        HelpName = "DIR",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON value alone on stdout.", Recursive = true };

    public Option<bool> Verbose { get; } = new("--verbose") { Description = "Stack traces with errors, and the log on stderr.", Recursive = true };

    /// <summary>Gives a command its body.</summary>
    public void Bind(Command command, Func<CommandContext, CancellationToken, Task<ExitCode>> body) =>
        command.SetAction(async (parsed, cancellationToken) => (int)await RunAsync(parsed, body, cancellationToken));

    private async Task<ExitCode> RunAsync(ParseResult parsed, Func<CommandContext, CancellationToken, Task<ExitCode>> body, CancellationToken cancellationToken)
    {
        bool verbose = parsed.GetValue(Verbose);
        var terminal = new Terminal(_output, _error, parsed.GetValue(Json));
        try
        {
            string data = parsed.GetValue(Data) ?? ClusterDirectory.Default;
            return await body(new CommandContext(parsed, terminal, data, verbose), cancellationToken);
        }
        catch (OutputException)
        {
            throw; // what all commands do then is decided once, where the outputs were given
        }
        catch (DoraException e)
        {
            return Report(terminal, ErrorView.Of(e), e, verbose);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            terminal.Tell(ErrorView.Of(ExitCode.Interrupted, "interrupted"));
            return ExitCode.Interrupted;
        }
        catch (IOException e)
        {
            return Report(terminal, ErrorView.Of(ExitCode.Failed, e.Message), e, verbose);
        }
        catch (UnauthorizedAccessException e)
        {
            return Report(terminal, ErrorView.Of(ExitCode.Denied, e.Message), e, verbose);
        }
        catch (Exception e)
        {
            return Report(terminal, ErrorView.Of(ExitCode.Failed, $"a defect in Dora: {e.GetType().Name}: {e.Message} (--verbose tells more; please report it)"), e, verbose);
        }
    }

    private static ExitCode Report(Terminal terminal, ErrorView error, Exception exception, bool verbose)
    {
        terminal.Failure(error);
        if (verbose)
        {
            terminal.Details(exception);
        }

        return (ExitCode)error.ExitCode;
    }
}
