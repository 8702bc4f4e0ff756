using Dora.Cli.Output;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

/// <summary>A job as programs and people see it; the same for every command that shows one.</summary>
internal static class JobView
{
    /// <summary>What programs get: null for what is not known.</summary>
    public static object Of(LoadJobStatus job)
    {
        bool isKnown = IsKnown(job);
        return new
        {
            job.JobId,
            Path = isKnown ? job.Path : null,
            job.State,
            ListingComplete = Known(isKnown, job.ListingComplete),
            FilesFound = Known(isKnown, job.FilesFound),
            BytesFound = Known(isKnown, job.BytesFound),
            FilesDone = Known(isKnown, job.FilesDone),
            BytesDone = Known(isKnown, job.BytesDone),
            BytesFetched = Known(isKnown, job.BytesFetched),
            BytesPresent = Known(isKnown, job.BytesPresent),
            BytesUnderWay = Known(isKnown, job.BytesUnderWay),
            Share = isKnown ? JobText.Share(job) : null,
            FilesFailed = Known(isKnown, job.FilesFailed),
            job.Failures,
            IsChecking = Known(isKnown, job.IsChecking),
            job.FilesHeld,
            job.BytesHeld,
            job.CapacityBytes,
            job.Note,
            Skipped = SkippedView.Of(job.Skipped),
            StartedAt = Known(isKnown, job.StartedAt),
            job.EndedAt,
        };
    }

    /// <summary>Shows a job: an object, or lines of names and values; its failures on stderr.</summary>
    public static void Show(Terminal terminal, LoadJobStatus job)
    {
        terminal.Result(Of(job), _ =>
        {
            TextWriter output = terminal.Output;
            output.WriteLine($"job       {job.JobId}");
            output.WriteLine($"state     {Word(job.State)}");
            if (IsKnown(job))
            {
                output.WriteLine($"path      {Printable.Name(job.Path)}");
                output.WriteLine($"files     {Files(job)}");
                output.WriteLine($"bytes     {Bytes(job)}");
                output.WriteLine($"fetched   {Format.Bytes(job.BytesFetched)}, {Format.Bytes(job.BytesPresent)} were cached before");
                output.WriteLine($"failed    {Format.Count(job.FilesFailed)}");
                output.WriteLine($"held      {(job is { FilesHeld: { } files, BytesHeld: { } bytes } ? $"{Format.Count(files, "file")}, {Format.Bytes(bytes)}" : "-")}");
                output.WriteLine($"started   {Format.Time(job.StartedAt)}");
                output.WriteLine($"ended     {(job.EndedAt is { } ended ? Format.Time(ended) : "-")}");
            }
        });
        Explain(terminal, job);
    }

    /// <summary>One line on how a job ended or stands; its failures on stderr.</summary>
    public static void Summarize(Terminal terminal, LoadJobStatus job)
    {
        string held = job is { State: LoadJobState.Incomplete, FilesHeld: { } files, BytesHeld: { } bytes } ? $", of which {Format.Count(files, "file")}, {Format.Bytes(bytes)} are held" : string.Empty;
        terminal.Result(Of(job), console => console.MarkupLineInterpolated(
            $"{Word(job.State)}: {Format.Count(job.FilesDone, "file")}, {Format.Bytes(job.BytesDone)} ({Format.Bytes(job.BytesFetched)} fetched){held}, {Format.Count(job.FilesFailed)} failed, {Format.Duration((job.EndedAt ?? job.StartedAt) - job.StartedAt)}"));
        Explain(terminal, job);
    }

    /// <summary>A row of the list.</summary>
    public static string[] Cells(LoadJobStatus job) => IsKnown(job)
        ? [Format.Cell(job.JobId), Word(job.State), Format.Cell(job.Path), Files(job), Bytes(job), Format.Count(job.FilesFailed), Format.Time(job.StartedAt), job.EndedAt is { } ended ? Format.Duration(ended - job.StartedAt) : "-"]
        : [Format.Cell(job.JobId), Word(job.State), Format.TextCell(job.Failures.FirstOrDefault() ?? string.Empty), "-", "-", "-", "-", "-"];

    /// <summary>What a command ends with whose work was this job.</summary>
    public static ExitCode ExitOf(LoadJobStatus job) => job.State switch
    {
        LoadJobState.Succeeded => ExitCode.Ok,
        LoadJobState.Incomplete => ExitCode.Incomplete,
        _ => ExitCode.Failed,
    };

    /// <summary>A state in words.</summary>
    public static string Word(LoadJobState state) => state switch
    {
        LoadJobState.CompletedWithFailures => "completed with failures",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static void Explain(Terminal terminal, LoadJobStatus job)
    {
        if (job.Note is { } note)
        {
            terminal.Problem(note);
        }

        Array.ForEach(job.Failures, terminal.Problem);
        SkippedView.Note(terminal, job.Path, job.Skipped);
    }

    private static bool IsKnown(LoadJobStatus job) => job.State != LoadJobState.Unknown;

    private static T? Known<T>(bool isKnown, T value)
        where T : struct => isKnown ? value : null;

    private static string Files(LoadJobStatus job) => $"{Format.Count(job.FilesDone)} of {Format.Count(job.FilesFound)}{More(job)}";

    private static string Bytes(LoadJobStatus job) => $"{Format.Bytes(job.BytesDone)} of {Format.Bytes(job.BytesFound)}{More(job)}";

    private static string More(LoadJobStatus job) => job.ListingComplete ? string.Empty : " found so far";
}
