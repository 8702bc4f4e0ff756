using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Routing;

/// <summary>What a program is told when every way to an answer was tried.</summary>
internal static class RoutingErrors
{
    /// <summary>The exception for a reply that is not Ok.</summary>
    /// <param name="reply">The last word.</param>
    /// <param name="action">For example <c>read</c>.</param>
    /// <param name="path">The path.</param>
    /// <param name="limit">How long it was tried.</param>
    public static DoraException For(in ChannelReply reply, string action, DoraPath path, TimeSpan limit)
    {
        if (reply.Outcome == ChannelOutcome.None)
        {
            return new DoraException(
                DoraErrorCode.Unavailable, $"cannot {action} '{path}': the cluster has no active worker: start one with 'dora up', or see 'dora workers'");
        }

        if (reply.Outcome != ChannelOutcome.Answered)
        {
            DoraErrorCode code = reply.Status == PageChannelStatus.Ok ? DoraErrorCode.Unavailable : reply.Status.ToErrorCode();
            return new DoraException(
                code, $"cannot {action} '{path}': no worker answered within {limit.TotalSeconds:0.#} s (the last: {reply.Message}): see 'dora workers'");
        }

        string message = reply.Status switch
        {
            PageChannelStatus.VersionChanged => $"'{path}' changed while it was read: open it again",
            _ when !string.IsNullOrEmpty(reply.Message) => Named(reply.Message, path),
            _ => $"cannot {action} '{path}': the worker answered {reply.Status}: see its log",
        };
        return new DoraException(reply.Status.ToErrorCode(), message);
    }

    /// <summary>A store speaks of its own paths; the caller knows the Dora path.</summary>
    private static string Named(string message, DoraPath path) =>
        message.Contains($"'{path}'", StringComparison.Ordinal) ? message : $"'{path}': {message}";
}
