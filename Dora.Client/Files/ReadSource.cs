using Dora.Diagnostics;
using Dora.PageChannel.Client;

namespace Dora.Client.Files;

/// <summary>Where the bytes of one observed read came from. Follows the read through its awaits; without an observer it costs a look at the reply's flag.</summary>
internal sealed class ReadSource
{
    private static readonly AsyncLocal<ReadSource?> Current = new();

    private volatile bool _isFromStore;

    /// <summary>The label's value.</summary>
    public string Label => _isFromStore ? DoraLabels.Store : DoraLabels.Cached;

    /// <summary>Begins a read; everything that is asked below its caller belongs to it.</summary>
    public static ReadSource Begin() => Current.Value = new ReadSource();

    /// <summary>A reply came.</summary>
    public static void Note(in ChannelReply reply)
    {
        if (reply.IsFromStore && Current.Value is { } source)
        {
            source._isFromStore = true;
        }
    }
}
