using System.Globalization;
using Microsoft.Extensions.Logging;
using NLog;
using NLog.Config;
using NLog.Extensions.Logging;
using NLog.Layouts;
using NLog.Targets;
using NLog.Targets.Wrappers;
using LogLevel = NLog.LogLevel;

namespace Dora.Silo.Hosting;

/// <summary>
/// The log in one file, a line an event (an exception adds lines). At <see cref="MaxBytes"/> the file becomes <c>NAME.1</c>, in place of the one before, so a
/// worker's log takes twice that at most. Lines that a full disk refuses go to stderr.
/// </summary>
internal static class LogFile
{
    private const long MaxBytes = 16 << 20;

    public static ILoggerProvider Open(string file, TimeProvider time, TextWriter? fallback = null)
    {
        TextWriter stderr = fallback ?? Console.Error;
        Layout line = Layout.FromMethod(e => Line(e, time));
        var target = new FileTarget("file")
        {
            FileName = Layout.FromLiteral(file),
            Layout = line,
            LineEnding = LineEndingMode.LF,
            KeepFileOpen = true,
            ArchiveAboveSize = MaxBytes,
            ArchiveFileName = Layout.FromLiteral(file + ".1"),
            ArchiveSuffixFormat = string.Empty,
            MaxArchiveFiles = 1,
        };
        var refused = new MethodCallTarget("stderr", (e, _) => stderr.WriteLine(line.Render(e)));
        return Provider(new FallbackGroupTarget("file, else stderr", target, refused) { ReturnToFirstOnSuccess = true });
    }

    /// <summary>The same lines on stderr alone.</summary>
    public static ILoggerProvider OpenStderr(TimeProvider time)
    {
        Layout line = Layout.FromMethod(e => Line(e, time));
        return Provider(new MethodCallTarget("stderr", (e, _) => Console.Error.WriteLine(line.Render(e))));
    }

    private static NLogLoggerProvider Provider(Target target)
    {
        var factory = new LogFactory { AutoShutdown = false, ThrowExceptions = false };
        var rules = new LoggingConfiguration(factory);
        rules.AddRuleForAllLevels(target);
        factory.Configuration = rules;

        // Messages are formatted by those who log them, so that a line says the same wherever it goes.
        return new NLogLoggerProvider(new NLogProviderOptions { IncludeScopes = false, ParseMessageTemplates = false, CaptureMessageTemplates = false, ShutdownOnDispose = true }, factory);
    }

    private static string Line(LogEventInfo e, TimeProvider time)
    {
        object id = e.HasProperties && e.Properties.TryGetValue("EventId", out object? given) && given is not null ? given : 0;
        string text = string.Create(
            CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(e.Level)} {e.LoggerName}[{id}] {Printable.Line(e.FormattedMessage)}");
        return e.Exception is null ? text : $"{text}\n{string.Join('\n', e.Exception.ToString().ReplaceLineEndings("\n").Split('\n').Select(Printable.Line))}";
    }

    private static string Name(LogLevel level) => level.Ordinal switch
    {
        0 => "trce",
        1 => "dbug",
        2 => "info",
        3 => "warn",
        4 => "fail",
        _ => "crit",
    };
}
