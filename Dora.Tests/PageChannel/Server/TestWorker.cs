using Dora.PageChannel.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.PageChannel.Server;

/// <summary>A page-channel server on a free loopback port in front of a <see cref="FakeRequestHandler"/>.</summary>
internal sealed class TestWorker : IAsyncDisposable
{
    public const string ClusterId = "test-cluster";

    public TestWorker(string id = "w0", Func<PageChannelServerOptions, PageChannelServerOptions>? configure = null, TimeProvider? time = null, IPageRequestHandler? handler = null)
    {
        var options = new PageChannelServerOptions { ClusterId = ClusterId, WorkerId = new WorkerId(id) };
        Listener = PageChannelListener.Bind(configure?.Invoke(options) ?? options, time ?? TimeProvider.System, NullLogger<PageChannelListener>.Instance);
        Info = new WorkerInfo(new WorkerId(id), "127.0.0.1", Listener.EndPoint.Port, 0, WorkerDescriptor.DefaultWeight);
        Listener.Start(handler ?? Handler);
    }

    public FakeRequestHandler Handler { get; } = new();

    public PageChannelListener Listener { get; }

    public WorkerInfo Info { get; }

    public ValueTask DisposeAsync() => Listener.DisposeAsync();
}
