using Dora.PageChannel.Codec;
using Dora.Tests.Doubles;

namespace Dora.Tests.PageChannel.Codec;

public sealed class FrozenNumberTests
{
    private const string Where = "the header of every page-channel frame, docs/page-channel-format.md";

    [Fact]
    public void Opcodes_Always_HaveTheirFrozenNumbers() => FrozenEnum.Check<PageChannelOpcode>(
        Where,
        ("Hello", 1), ("Stat", 2), ("Read", 3), ("List", 4), ("ReadFile", 7), ("Locate", 9), ("SameHost", 0x0A), ("Known", 0x0B), ("View", 0x0C), ("Cancel", 0x40), ("Ping", 0x41), ("Goodbye", 0x42),
        ("HelloReply", 0x81), ("StatReply", 0x82), ("ReadReply", 0x83), ("ListReply", 0x84), ("ReadFileReply", 0x87), ("LocateReply", 0x89), ("SameHostReply", 0x8A), ("KnownReply", 0x8B), ("ViewReply", 0x8C), ("Pong", 0xC1));

    [Fact]
    public void Statuses_Always_HaveTheirFrozenNumbers() => FrozenEnum.Check<PageChannelStatus>(
        Where,
        ("Ok", 0), ("NotCached", 1), ("VersionChanged", 2), ("NotOwner", 3), ("Busy", 4), ("Denied", 5), ("Failed", 6), ("NotFound", 7),
        ("NotMounted", 8), ("InvalidRequest", 9), ("InvalidPath", 10), ("IsDirectory", 11), ("NotDirectory", 12), ("Unavailable", 13),
        ("Damaged", 14), ("Cancelled", 15), ("ShuttingDown", 16), ("Unauthenticated", 17), ("UnsupportedVersion", 18), ("WrongCluster", 19),
        ("WrongWorker", 20), ("NotSupported", 21), ("MalformedFrame", 22));

    [Fact]
    public void Flags_Always_HaveTheirFrozenNumbers()
    {
        FrozenEnum.Check<StatFlags>(Where, ("None", 0), ("Failover", 1), ("Refresh", 2));
        FrozenEnum.Check<ReadFlags>(Where, ("None", 0), ("Failover", 1), ("StoreDirect", 2), ("Sequential", 4), ("CachedOnly", 8));
        FrozenEnum.Check<ListFlags>(Where, ("None", 0), ("Failover", 1));
        FrozenEnum.Check<KnownFlags>(Where, ("None", 0), ("Owned", 1), ("Leaving", 2), ("Held", 4));
        FrozenEnum.Check<ReplyFlags>(Where, ("None", 0), ("FromStore", 1));
    }

    [Fact]
    public void Status_EveryOne_HasAnErrorCode()
    {
        foreach (PageChannelStatus status in Enum.GetValues<PageChannelStatus>())
        {
            bool isInternal = status.ToErrorCode() == DoraErrorCode.Internal;
            Assert.True(isInternal == (status == PageChannelStatus.Failed), $"{status} has no error code of its own");
            Assert.Equal(status == PageChannelStatus.Ok, status.ToErrorCode() == DoraErrorCode.None);
        }

        Assert.Equal(DoraErrorCode.Internal, ((PageChannelStatus)250).ToErrorCode());
    }

    [Fact]
    public void ErrorCode_SentAndReceived_StaysWhatItWas()
    {
        // What a worker never answers a client with; it becomes Internal.
        DoraErrorCode[] notSent = [DoraErrorCode.AlreadyExists, DoraErrorCode.Configuration, DoraErrorCode.Internal];
        foreach (DoraErrorCode code in Enum.GetValues<DoraErrorCode>())
        {
            Assert.Equal(notSent.Contains(code) ? DoraErrorCode.Internal : code, code.ToStatus().ToErrorCode());
        }
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 9, 5)]
    [InlineData(1, 4, 4)]
    [InlineData(1, 3, 3)]
    [InlineData(2, 9, 5)]
    [InlineData(6, 9, 0)]
    [InlineData(0, 0, 0)]
    [InlineData(0, 1, 1)]
    public void Version_OfTwoRanges_IsTheNewestBothKnow(ushort min, ushort max, ushort chosen) =>
        Assert.Equal(chosen, PageChannelProtocol.ChooseVersion(min, max));
}
