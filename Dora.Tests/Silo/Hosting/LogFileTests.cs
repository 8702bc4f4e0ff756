using Dora.Silo.Hosting;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging;

namespace Dora.Tests.Silo.Hosting;

public sealed class LogFileTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Log_Event_IsALineWithNumberAndCategory()
    {
        using (ILoggerProvider provider = LogFile.Open(_directory["log"], TimeProvider.System))
        {
            provider.CreateLogger("Dora.X").Log(LogLevel.Warning, new EventId(42), "ignored", null, static (_, _) => "what happened");
        }

        Assert.EndsWith("Z warn Dora.X[42] what happened\n", File.ReadAllText(_directory["log"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LogLevel.Trace, "trce")]
    [InlineData(LogLevel.Debug, "dbug")]
    [InlineData(LogLevel.Information, "info")]
    [InlineData(LogLevel.Error, "fail")]
    [InlineData(LogLevel.Critical, "crit")]
    public void Log_WithoutNumber_SaysTheLevelAndZero(LogLevel level, string name)
    {
        using (ILoggerProvider provider = LogFile.Open(_directory["log"], TimeProvider.System))
        {
            provider.CreateLogger("Dora.X").Log(level, "{Path} is not {{a}} template", "/a/{b}");
        }

        Assert.EndsWith($"Z {name} Dora.X[0] /a/{{b}} is not {{a}} template\n", File.ReadAllText(_directory["log"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_Exception_FollowsTheLine()
    {
        using (ILoggerProvider provider = LogFile.Open(_directory["log"], TimeProvider.System))
        {
            provider.CreateLogger("Dora.X").LogError(new EventId(7, "Named"), new InvalidOperationException("the reason"), "it failed");
        }

        string[] lines = File.ReadAllLines(_directory["log"]);
        Assert.EndsWith("Z fail Dora.X[7] it failed", lines[0], StringComparison.Ordinal);
        Assert.Equal("System.InvalidOperationException: the reason", lines[1]);
    }

    [Fact]
    public void Log_DiskHasRoomAgain_LinesGoToTheFileAgain()
    {
        var stderr = new StringWriter();
        File.CreateSymbolicLink(_directory["log"], "/dev/full");
        using (ILoggerProvider provider = LogFile.Open(_directory["log"], TimeProvider.System, stderr))
        {
            ILogger logger = provider.CreateLogger("Dora.X");
            logger.LogInformation("refused");
            File.Delete(_directory["log"]);
            logger.LogInformation("kept");
        }

        Assert.EndsWith("Z info Dora.X[0] refused\n", stderr.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("Z info Dora.X[0] kept\n", File.ReadAllText(_directory["log"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_MoreThanAFile_KeepsOneOlderFile()
    {
        string large = new('x', 1 << 20);
        using (ILoggerProvider provider = LogFile.Open(_directory["log"], TimeProvider.System))
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
        using (ILoggerProvider provider = LogFile.Open("/dev/full", TimeProvider.System, stderr))
        {
            provider.CreateLogger("Dora.X").Log(LogLevel.Error, new EventId(42), "ignored", null, static (_, _) => "what happened");
        }

        Assert.EndsWith("Z fail Dora.X[42] what happened\n", stderr.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Log_AfterTheEnd_IsLostQuietly()
    {
        ILoggerProvider provider = LogFile.Open(_directory["log"], TimeProvider.System);
        ILogger logger = provider.CreateLogger("Dora.X");
        provider.Dispose();

        logger.Log(LogLevel.Information, default, "late", null, static (s, _) => s);

        Assert.Empty(Directory.EnumerateFiles(_directory.Path));
    }
}
