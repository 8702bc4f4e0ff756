namespace Dora.PageChannel.Codec;

/// <summary>What the header of each opcode may say: the one table behind writer and reader.</summary>
internal readonly record struct FrameRules(int MinBody, int MaxBody, ushort AllowedFlags, FrameRules.Way Direction, bool MayBeTraced = false)
{
    internal enum Way : byte
    {
        ToWorker,
        ToClient,
        Both,
    }

    internal static bool IsReply(PageChannelOpcode opcode) =>
        opcode is PageChannelOpcode.HelloReply or PageChannelOpcode.StatReply or PageChannelOpcode.ReadReply or PageChannelOpcode.ReadFileReply
            or PageChannelOpcode.LocateReply or PageChannelOpcode.SameHostReply or PageChannelOpcode.KnownReply or PageChannelOpcode.ListReply or PageChannelOpcode.ViewReply;

    /// <summary>Whether a request may have a <see cref="TraceField"/>.</summary>
    internal static bool IsTraceable(PageChannelOpcode opcode) => TryGet(opcode, isError: false, 0, out FrameRules rules) && rules.MayBeTraced;

    /// <summary>The rules of an opcode, or <see langword="false"/> when there is no such opcode.</summary>
    internal static bool TryGet(PageChannelOpcode opcode, bool isError, int maxReadLength, out FrameRules rules)
    {
        const ushort Stat = (ushort)(StatFlags.Failover | StatFlags.Refresh);
        const ushort Read = (ushort)(ReadFlags.Failover | ReadFlags.StoreDirect | ReadFlags.Sequential | ReadFlags.CachedOnly);
        const ushort Known = (ushort)(KnownFlags.Owned | KnownFlags.Leaving | KnownFlags.Held);
        const ushort Reply = (ushort)ReplyFlags.FromStore;
        const int Texts = PageChannelProtocol.MaxClusterIdBytes + PageChannelProtocol.MaxWorkerIdBytes;
        const int Path = PageChannelProtocol.MaxPathBytes;
        const int Message = PageChannelProtocol.MaxMessageBytes;

        rules = opcode switch
        {
            PageChannelOpcode.Hello => new(HelloRequest.FixedSize, HelloRequest.FixedSize + Texts + PageChannelProtocol.MaxTokenBytes, 0, Way.ToWorker),
            PageChannelOpcode.Stat => new(StatRequest.FixedSize + 1, StatRequest.FixedSize + Path, Stat, Way.ToWorker, MayBeTraced: true),
            PageChannelOpcode.Read => new(ReadRequest.FixedSize, ReadRequest.FixedSize + Path, Read, Way.ToWorker, MayBeTraced: true),
            PageChannelOpcode.ReadFile => new(ReadFileRequest.FixedSize + 1, ReadFileRequest.FixedSize + Path, Read, Way.ToWorker, MayBeTraced: true),
            PageChannelOpcode.Locate => new(LocateRequest.FixedSize, LocateRequest.FixedSize + Path, 0, Way.ToWorker, MayBeTraced: true),
            PageChannelOpcode.SameHost => new(0, 0, 0, Way.ToWorker),
            PageChannelOpcode.Known => new(KnownRequest.FixedSize + 1, KnownRequest.FixedSize + Path, Known, Way.ToWorker, MayBeTraced: true),
            PageChannelOpcode.List => new(ListRequest.FixedSize + 1, ListRequest.FixedSize + Path, (ushort)ListFlags.Failover, Way.ToWorker, MayBeTraced: true),
            PageChannelOpcode.View => new(ViewRequest.FixedSize, ViewRequest.FixedSize, 0, Way.ToWorker),
            PageChannelOpcode.Cancel or PageChannelOpcode.Ping => new(0, 0, 0, Way.ToWorker),
            PageChannelOpcode.Pong => new(0, 0, 0, Way.ToClient),
            PageChannelOpcode.Goodbye => new(0, Message, 0, Way.Both),
            _ when IsReply(opcode) && isError => new(0, Message, 0, Way.ToClient),
            PageChannelOpcode.HelloReply => new(HelloReply.FixedSize + 1, HelloReply.FixedSize + Texts, 0, Way.ToClient),
            PageChannelOpcode.StatReply => new(StatReply.FixedSize, StatReply.FixedSize, Reply, Way.ToClient),
            PageChannelOpcode.ReadReply => new(0, maxReadLength, Reply, Way.ToClient),
            PageChannelOpcode.ReadFileReply => new(StatReply.FixedSize, StatReply.FixedSize + maxReadLength, Reply, Way.ToClient),
            PageChannelOpcode.LocateReply => new(StatReply.FixedSize, StatReply.FixedSize + (PageLocation.MaxInReply * PageLocation.Size), 0, Way.ToClient),
            PageChannelOpcode.SameHostReply => new(SameHostReply.FixedSize + 1, SameHostReply.FixedSize + SameHostReply.MaxPathBytes, 0, Way.ToClient),
            PageChannelOpcode.KnownReply => new(KnownRecord.ReplyHead, KnownRecord.MaxReply, 0, Way.ToClient),
            PageChannelOpcode.ListReply => new(ListPage.FixedSize, ListPage.MaxReply, 0, Way.ToClient),
            PageChannelOpcode.ViewReply => new(ViewBody.FixedSize, ViewBody.MaxReply, 0, Way.ToClient),
            _ => new(-1, -1, 0, Way.Both),
        };
        return rules.MaxBody >= 0;
    }
}
