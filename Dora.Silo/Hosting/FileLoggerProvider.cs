using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Hosting;

/// <summary>
/// Logs to one file, a line an event (an exception adds lines). At <see cref="MaxBytes"/> the file becomes <c>NAME.1</c>, in place of the one before, so a
/// worker's log takes twice that at most. A disk that refuses to write loses log lines and nothing else.
/// </summary>
internal sealed class FileLoggerProvider : ILoggerProvider
{
    private const long MaxBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly string _file;
    private readonly TimeProvider _time;
    private StreamWriter _writer;

    public FileLoggerProvider(string file, TimeProvider time)
    {
        (_file, _time) = (file, time);
        _writer = Open();
    }

    public ILogger CreateLogger(string categoryName) => new FileLogger(this, categoryName);

    public void Dispose()
    {
        lock (_gate)
        {
            _writer.Dispose();
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
            catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
            {
                // Full disk, or logging after the end: the worker's work matters more than its log.
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
