using Dora.Interfaces;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Dora.Tests.Interfaces;

public sealed class ListReplyTests
{
    [Fact]
    public void ListReply_Sent_ArrivesWithWhatWasLeftOut()
    {
        using ServiceProvider services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        Serializer serializer = services.GetRequiredService<Serializer>();
        var entry = new FileStat("/m/d", "file:///d", FileKind.Directory, 0, DateTimeOffset.UnixEpoch, 0, DateTimeOffset.UnixEpoch) { DirectoryId = new UInt128(1, 2), IsLink = true };
        var reply = new ListReply(DoraErrorCode.None, null, [entry], "next", 3)
        {
            SkippedEntries = [new SkippedEntries(SkipReason.Fifo, 2, ["a", "b"]), new SkippedEntries(SkipReason.InvalidName, 1, [])],
            DirectoryId = new UInt128(3, 4),
        };

        ListReply back = serializer.Deserialize<ListReply>(serializer.SerializeToArray(reply))!;

        Assert.Equal([entry], back.Entries);
        Assert.Equal(reply.SkippedEntries, back.SkippedEntries);
        Assert.Equal((reply.DirectoryId, "next", 3), (back.DirectoryId, back.Continuation, back.Skipped));
    }

    [Fact]
    public void ListReply_OfAWorkerThatOnlyCounts_SaysSo()
    {
        Assert.Equal([new SkippedEntries(SkipReason.Unknown, 3, [])], new ListReply(DoraErrorCode.None, null, [], null, 3).SkippedEntries);
        Assert.Empty(new ListReply(DoraErrorCode.None, null, [], null, 0).SkippedEntries);
    }
}
