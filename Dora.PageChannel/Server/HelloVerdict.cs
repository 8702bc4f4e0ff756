using System.Text;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>Whether a client may talk to this worker, and what it is granted.</summary>
/// <param name="Status">Ok, or why not.</param>
/// <param name="Message">One line when not.</param>
/// <param name="Version">The protocol version both speak.</param>
/// <param name="MaxReadLength">Most bytes of one read.</param>
/// <param name="MaxInFlight">Most requests in flight.</param>
internal readonly record struct HelloVerdict(PageChannelStatus Status, string? Message, ushort Version, int MaxReadLength, int MaxInFlight)
{
    /// <summary>Judges a hello.</summary>
    public static HelloVerdict Judge(in HelloRequest hello, PageChannelServerOptions options)
    {
        ushort version = PageChannelProtocol.ChooseVersion(hello.MinVersion, hello.MaxVersion);
        if (version == 0)
        {
            return Refuse(
                PageChannelStatus.UnsupportedVersion,
                $"this worker speaks page-channel versions {PageChannelProtocol.MinVersion} to {PageChannelProtocol.MaxVersion}, the client {hello.MinVersion} to {hello.MaxVersion}: update the older one");
        }

        if (!options.Authenticator.Accepts(hello.Token))
        {
            return Refuse(PageChannelStatus.Unauthenticated, $"the token is not this cluster's: give the client the cluster's token ({ChannelToken.FileVariable} or the option Token)");
        }

        if (!hello.ClusterId.IsEmpty && !hello.ClusterId.SequenceEqual(Encoding.UTF8.GetBytes(options.ClusterId)))
        {
            return Refuse(PageChannelStatus.WrongCluster, $"this worker belongs to cluster '{options.ClusterId}': connect to the right one");
        }

        if (!hello.WorkerId.IsEmpty && !hello.WorkerId.SequenceEqual(Encoding.ASCII.GetBytes(options.WorkerId.Value)))
        {
            return Refuse(PageChannelStatus.WrongWorker, $"this worker is '{options.WorkerId}': refresh the cluster view");
        }

        return new HelloVerdict(
            PageChannelStatus.Ok, null, version, Math.Min(hello.MaxReadLength, options.MaxReadLength), Math.Min(hello.MaxInFlight, options.MaxInFlight));
    }

    /// <summary>Writes the reply of an accepted hello.</summary>
    public int WriteReply(Span<byte> destination, long membershipVersion, PageChannelServerOptions options) =>
        FrameWriter.WriteHelloReply(destination, membershipVersion, new HelloReply
        {
            Version = Version,
            MaxReadLength = MaxReadLength,
            MaxInFlight = MaxInFlight,
            ClusterId = Encoding.UTF8.GetBytes(options.ClusterId),
            WorkerId = Encoding.ASCII.GetBytes(options.WorkerId.Value),
        });

    private static HelloVerdict Refuse(PageChannelStatus status, string message) => new(status, message, 0, 0, 0);
}
