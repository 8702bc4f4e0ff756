using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Storage.Files;

namespace Dora.Silo.PageChannel;

/// <summary>Answers as the page channel has them.</summary>
internal static class FileReplies
{
    /// <summary>An answer about a path.</summary>
    public static StatOutcome From(in FileAnswer answer, ClusterSnapshot cluster) => answer.File is { } file
        ? new StatOutcome(
            PageChannelStatus.Ok,
            cluster.MembershipVersion,
            null,
            Describe(file, answer.FetchSize) with { File = answer.Id },
            answer.FromStore ? ReplyFlags.FromStore : ReplyFlags.None)
        : new StatOutcome(answer.Code.ToStatus(), cluster.MembershipVersion, answer.Error);

    /// <summary>A file; the fetch size is 0 where the path is not known.</summary>
    public static StatReply Describe(FileMetadata file, int fetchSize) =>
        new(file.Id, file.Version, file.Kind, file.Length, file.LastModified, file.LoadedAt, fetchSize);
}
