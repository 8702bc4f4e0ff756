using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Hosting;

/// <summary>
/// Logs to one file, a line an event (an exception adds lines). At <see cref="MaxBytes"/> the file becomes <c>NAME.1</c>, in place of the one before, so a
/// worker's log takes twice that at most. Lines that a full disk refuses go to stderr.
/// </summary>
internal sealed class FileLoggerProvider : ILoggerProvider
{
    private const long MaxBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly TextWriter _fallback;
    private StreamWriter _writer;

    public FileLoggerProvider(string file, TimeProvider time, TextWriter? fallback = null)
    {
        (_file, _time, _fallback) = (file, time, fallback ?? Console.Error);
        _writer = Open();
    }

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void Dispose()
    {
        lock (_gate)
        {
            try
            {
                _writer.Dispose();
            }
            catch (IOException)
            {
                // The end of the log does not fit on the disk; it went to stderr.
            }
        }
    }

    private StreamWriter Open() =>
        new(new FileStream(_file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete)) { AutoFlush = true };

    private void Write(string line)
    {
        lock (_gate)
        {
            try
            {
                if (_writer.BaseStream.Length > MaxBytes)
                {
                    _writer.Dispose();
                    File.Move(_file, _file + ".1", overwrite: true);
                    _writer = Open();
                }

                _writer.WriteLine(line);
            }
            catch (ObjectDisposedException)
            {
                // Logging after the end.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A full disk above all: that is worth saying where it can be heard.
                _fallback.WriteLine(line);
            }
        }
    }

    private sealed class FileLogger(FileLoggerProvider owner, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string text = string.Create(
                CultureInfo.InvariantCulture,
                $"{owner._time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ} {Name(logLevel)} {category}[{eventId.Id}] {formatter(state, exception)}");
            owner.Write(exception is null ? text : $"{text}{Environment.NewLine}{exception}");
        }

        private static string Name(LogLevel level) => level switch
        {
            LogLevel.Trace => "trce",
            LogLevel.Debug => "dbug",
            LogLevel.Information => "info",
            LogLevel.Warning => "warn",
            LogLevel.Error => "fail",
            _ => "crit",
        };
    }
}
