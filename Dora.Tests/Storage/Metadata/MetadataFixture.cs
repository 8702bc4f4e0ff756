using Dora.Storage.Metadata;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging;

namespace Dora.Tests.Storage.Metadata;

/// <summary>A metadata directory of its own, a clock that the test moves, and the lines that were logged.</summary>
internal sealed class MetadataFixture : ILogger, IDisposable
{
    private readonly string _parent = Directory.CreateTempSubdirectory("dora-metadata-").FullName;

    public MetadataFixture() => Options = new MetadataStoreOptions { Directory = Path.Combine(_parent, "metadata"), MemoryBudgetBytes = 4 << 20 };

    public MetadataStoreOptions Options { get; set; }

    public ManualTimeProvider Time { get; } = new();

    public List<(LogLevel Level, string Message)> Lines { get; } = [];

    public string[] SetAside => Directory.GetDirectories(_parent, "metadata.damaged-*");

    public TwoLevelMetadataStore Open() => TwoLevelMetadataStore.Open(Options, Time, this);

    public RocksMetadataStore OpenDisk() => new(Options, new MetadataExpiry(Options, Time), Time, this);

    public FileMetadata File(string ufsPath, long length = 10, TimeSpan? age = null) => new(
        ufsPath, FileKind.File, length, DateTimeOffset.UnixEpoch.AddDays(length), new FileVersion((ulong)length + 1), Time.GetUtcNow() - (age ?? TimeSpan.Zero));

    public FileMetadata Missing(string ufsPath) => FileMetadata.Missing(ufsPath, Time.GetUtcNow());

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (Lines)
        {
            Lines.Add((logLevel, formatter(state, exception)));
        }
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
