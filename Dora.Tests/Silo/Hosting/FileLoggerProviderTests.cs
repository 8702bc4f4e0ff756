using Dora.Silo.Hosting;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging;

namespace Dora.Tests.Silo.Hosting;

public sealed class FileLoggerProviderTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Log_Event_IsALineWithNumberAndCategory()
    {
        using (var provider = new FileLoggerProvider(_directory["log"], TimeProvider.System))
        {
            provider.CreateLogger("Dora.X").Log(LogLevel.Warning, new EventId(42), "ignored", null, static (_, _) => "what happened");
        }

        Assert.EndsWith("Z warn Dora.X[42] what happened\n", File.ReadAllText(_directory["log"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_MoreThanAFile_KeepsOneOlderFile()
    {
        string large = new('x', 1 << 20);
        using (var provider = new FileLoggerProvider(_directory["log"], TimeProvider.System))
        {
            ILogger logger = provider.CreateLogger("Dora.X");
            for (int i = 0; i < 40; i++)
            {
                logger.Log(LogLevel.Information, default, large, null, static (s, _) => s);
            }
        }

        Assert.Equal(["log", "log.1"], Directory.EnumerateFiles(_directory.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(Directory.EnumerateFiles(_directory.Path), static f => Assert.InRange(new FileInfo(f).Length, 1, 18 << 20));
    }

    [Fact]
    public void Log_DiskIsFull_LinesGoToStderr()
    {
        var stderr = new StringWriter();
        using (var provider = new FileLoggerProvider("/dev/full", TimeProvider.System, stderr))
        {
            provider.CreateLogger("Dora.X").Log(LogLevel.Error, new EventId(42), "ignored", null, static (_, _) => "what happened");
        }

        Assert.EndsWith("Z fail Dora.X[42] what happened\n", stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_AfterTheEnd_IsLostQuietly()
    {
        var provider = new FileLoggerProvider(_directory["log"], TimeProvider.System);
        ILogger logger = provider.CreateLogger("Dora.X");
        provider.Dispose();

        logger.Log(LogLevel.Information, default, "late", null, static (s, _) => s);

        Assert.Equal(0, new FileInfo(_directory["log"]).Length);
    }
}
