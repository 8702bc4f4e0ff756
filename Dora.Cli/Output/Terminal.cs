using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace Dora.Cli.Output;

/// <summary>
/// Where a command writes: data on stdout (a table for people, or one JSON value), talk and progress on stderr. Decided here, once.
/// </summary>
internal sealed class Terminal
{
    private static readonly JsonSerializerOptions JsonOptions = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DictionaryKeyPolicy = null,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    public Terminal(TextWriter output, TextWriter error, bool json)
    {
        Output = output;
        Error = error;
        Json = json;
        Data = CreateConsole(output, isInteractive: false);
        Talk = CreateConsole(error, isInteractive: ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected);
    }

    /// <summary>What ends the JSON value as far as it is written; empty before it begins, null behind it.</summary>
    private string? _end = string.Empty;

    /// <summary>Raw stdout.</summary>
    public TextWriter Output { get; }

    /// <summary>Raw stderr.</summary>
    public TextWriter Error { get; }

    /// <summary>Whether stdout carries one JSON value and nothing else.</summary>
    public bool Json { get; }

    /// <summary>Tables for people.</summary>
    public IAnsiConsole Data { get; }

    /// <summary>Notes and progress for people.</summary>
    public IAnsiConsole Talk { get; }

    /// <summary>Writes the command's result in the form that was asked for.</summary>
    /// <param name="value">What programs get.</param>
    /// <param name="render">What people get.</param>
    public void Result<T>(T value, Action<IAnsiConsole> render)
    {
        if (Json)
        {
            Output.WriteLine(JsonSerializer.Serialize(value, JsonOptions));
            _end = null;
        }
        else
        {
            render(Data);
        }

        Output.Flush();
    }

    /// <summary>
    /// Writes a result of many entries while it comes, so that a million of them need no memory and a reader that has had enough ends the work.
    /// What is there is shown before more is waited for.
    /// </summary>
    /// <param name="values">The entries.</param>
    /// <param name="view">What programs get of one: an object with an array <c>entries</c>.</param>
    /// <param name="line">What people get of one.</param>
    /// <param name="rest">What programs get beside them once all are taken: an object with a property or more.</param>
    public async Task ResultsAsync<T>(IAsyncEnumerable<T> values, Func<T, object> view, Func<T, string> line, Func<object> rest)
    {
        const string Start = "{\n\"entries\": [\n";
        string before = Json ? Start : string.Empty;
        using var stop = new CancellationTokenSource();
        await using IAsyncEnumerator<T> each = values.GetAsyncEnumerator(stop.Token);
        while (true)
        {
            if (!await NextAsync(each.MoveNextAsync(), stop))
            {
                break;
            }

            Output.Write(before);
            if (Json)
            {
                Output.Write(JsonSerializer.Serialize(view(each.Current), JsonOptions));
                before = ",\n";
                _end = "\n]";
            }
            else
            {
                Output.WriteLine(line(each.Current));
            }
        }

        if (Json)
        {
            Output.Write(before == Start ? Start : "\n");
            Output.WriteLine("]," + JsonSerializer.Serialize(rest(), JsonOptions)[1..]);
            _end = null;
        }

        await Output.FlushAsync();
    }

    /// <summary>
    /// Tells why a command failed: a line for people on stderr, and for programs an object <c>error</c> on stdout, at the end of what was written of the result if there is anything.
    /// </summary>
    public void Failure(ErrorView error)
    {
        Problem(error.Line);
        Tell(error);
    }

    /// <summary>The same for programs alone.</summary>
    public void Tell(ErrorView error)
    {
        if (!Json || _end is null)
        {
            return;
        }

        Output.WriteLine(_end.Length == 0
            ? JsonSerializer.Serialize(new { Error = error }, JsonOptions)
            : $"{_end}, \"error\": {JsonSerializer.Serialize(error, JsonOptions)}}}");
        _end = null;
    }

    /// <summary>What was written is shown before a wait. When that fails the step is cancelled, and ends first: an enumerator must not be disposed in the middle of one.</summary>
    private async ValueTask<bool> NextAsync(ValueTask<bool> step, CancellationTokenSource stop)
    {
        if (step.IsCompleted)
        {
            return await step;
        }

        Task<bool> pending = step.AsTask();
        try
        {
            await Output.FlushAsync();
        }
        catch (OutputException)
        {
            await stop.CancelAsync();
            await Task.WhenAny(pending); // its outcome is nobody's any more
            throw;
        }

        return await pending;
    }

    /// <summary>A line of talk.</summary>
    public void Note(string line) => Error.WriteLine(Printable.Line(line));

    /// <summary>An error: one line, never more.</summary>
    public void Problem(string line) => Error.WriteLine("dora: " + Printable.Line(line));

    /// <summary>Where an error came from, in many lines.</summary>
    public void Details(Exception exception)
    {
        foreach (string line in exception.ToString().Split('\n'))
        {
            Note(line.TrimEnd('\r'));
        }
    }

    /// <summary>As <see cref="Problem"/>, while a progress bar may be shown.</summary>
    public void Warn(string line) => Talk.WriteLine("dora: " + Printable.Line(line));

    /// <summary>Stdout for bytes: the real one, else a test's writer.</summary>
    public Stream OpenOutput()
    {
        Output.Flush();
        return IsStandardOutput(Output) ? ((StreamWriter)Output).BaseStream : new TextWriterStream(Output);
    }

    private static bool IsStandardOutput(TextWriter writer) => writer is StreamWriter { BaseStream: StandardOutput };

    private static IAnsiConsole CreateConsole(TextWriter writer, bool isInteractive)
    {
        bool isTerminal = isInteractive || (IsStandardOutput(writer) && !Console.IsOutputRedirected);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Interactive = isInteractive ? InteractionSupport.Yes : InteractionSupport.No,
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
        });
        if (!isTerminal)
        {
            // A pipe or a file has no width: never wrap a path.
            console.Profile.Width = 4096;
        }

        return console;
    }
}
