using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Dora.Cli.Output;

/// <summary>Progress bars on stderr, when that is a terminal and the work is long enough to watch.</summary>
internal static class Progress
{
    private const long WorthABar = 32L * 1024 * 1024;

    /// <summary>Runs work that reports bytes done.</summary>
    public static async Task<T> OfBytesAsync<T>(Terminal terminal, string name, long total, Func<Action<long>, Task<T>> work)
    {
        if (!terminal.Talk.Profile.Capabilities.Interactive || total < WorthABar)
        {
            return await work(static _ => { });
        }

        return await Bar(terminal, new TransferSpeedColumn()).StartAsync(context =>
        {
            ProgressTask task = context.AddTask(Format.Cell(name), maxValue: total);
            return work(done => task.Value = done);
        });
    }

    /// <summary>Runs work that reports a fraction from 0 to 1 and a line of text.</summary>
    public static Task<T> OfFractionAsync<T>(Terminal terminal, string name, Func<Action<double, string>, Task<T>> work) =>
        OfShareAsync(terminal, name, report => work((done, text) => report(done, text)));

    /// <summary>Runs work that reports a share from 0 to 1, or <see langword="null"/> while that is not known, and a line of text.</summary>
    public static async Task<T> OfShareAsync<T>(Terminal terminal, string name, Func<Action<double?, string>, Task<T>> work)
    {
        if (!terminal.Talk.Profile.Capabilities.Interactive)
        {
            terminal.Note(name + " ...");
            return await work(static (_, _) => { });
        }

        return await terminal.Talk.Progress().AutoClear(false).Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 20 }, new ShareColumn()).StartAsync(context =>
        {
            ProgressTask task = context.AddTask(Format.Cell(name), maxValue: 1);
            return work((share, text) =>
            {
                task.IsIndeterminate = share is null;
                (task.Value, task.Description) = (share ?? 0, Markup.Escape($"{Printable.Name(name)}: {text}"));
            });
        });
    }

    private static Spectre.Console.Progress Bar(Terminal terminal, ProgressColumn last) =>
        terminal.Talk.Progress().AutoClear(false).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), last);

    /// <summary>A percentage, rounded down; nothing while it is not known.</summary>
    private sealed class ShareColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.IsIndeterminate ? string.Empty : string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(task.Value * 100):0}%"));
    }
}
