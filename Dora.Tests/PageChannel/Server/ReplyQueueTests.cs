using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks.Sources;
using Dora.PageChannel.Server;
using Dora.PageChannel.Transport;

namespace Dora.Tests.PageChannel.Server;

/// <summary>The queue alone, in front of peers that take their bytes when the test says so.</summary>
public sealed class ReplyQueueTests
{
    [Fact]
    public void LargeReplies_ThatWaitForManyPeersAtATime_AllocateNothing()
    {
        HeldTransport[] peers = [.. Enumerable.Range(0, 16).Select(static _ => new HeldTransport())];
        ReplyQueue[] queues = [.. peers.Select(static p => new ReplyQueue(p, TimeProvider.System, static _ => { }))];
        var reply = new QueuedReply(new byte[100_000], 100_000, 0, IsCounted: true);

        Turn(20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Turn(100);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(0, allocated);
        Assert.All(peers, static p => Assert.Equal(120 * 100_000L, p.Taken));

        void Turn(int times)
        {
            for (int i = 0; i < times; i++)
            {
                foreach (ReplyQueue queue in queues)
                {
                    queue.Enqueue(reply);
                }

                foreach (HeldTransport peer in peers)
                {
                    // In two pieces, as a full socket takes them.
                    peer.Take(60_000);
                    peer.Take(40_000);
                }
            }
        }
    }

    private sealed class HeldTransport : IChannelTransport, IValueTaskSource<int>
    {
        private ManualResetValueTaskSourceCore<int> _sending;

        public long Taken { get; private set; }

        public EndPoint? Peer => null;

        public Socket? Pollable => null;

        public void Take(int bytes)
        {
            Taken += bytes;
            _sending.SetResult(bytes);
        }

        public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            _sending.Reset();
            return new ValueTask<int>(this, _sending.Version);
        }

        public ValueTask<int> ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask EndSendingAsync() => throw new NotSupportedException();

        public void Dispose()
        {
        }

        public int GetResult(short token) => _sending.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => _sending.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _sending.OnCompleted(continuation, state, token, flags);
    }
}
