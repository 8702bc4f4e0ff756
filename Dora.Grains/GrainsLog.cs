using Microsoft.Extensions.Logging;

namespace Dora.Grains;

/// <summary>What the grains and their placement say. Numbers 2000 to 2099; a retired number (2002 to 2005) is not reused.</summary>
internal static partial class GrainsLog
{
    [LoggerMessage(2000, LogLevel.Information, "Membership version {Version}: {Workers} active workers")]
    public static partial void MembershipChanged(this ILogger log, long version, int workers);

    [LoggerMessage(2001, LogLevel.Warning, "The mount table could not be read, the known one stays: {Reason}")]
    public static partial void MountPollFailed(this ILogger log, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "Worker {Worker} was not told of mount table {Version} and finds it by polling: {Reason}")]
    public static partial void MountAnnouncementFailed(this ILogger log, string worker, long version, string reason);

    [LoggerMessage(2007, LogLevel.Information, "Mount table {Version}: {Change}")]
    public static partial void MountsChanged(this ILogger log, long version, string change);

    [LoggerMessage(2008, LogLevel.Information, "Job {Job}: {Event}")]
    public static partial void JobEvent(this ILogger log, string job, string @event);

    [LoggerMessage(2009, LogLevel.Error, "Job {Job}: a step failed, it is tried again")]
    public static partial void JobStepFailed(this ILogger log, string job, Exception exception);

    [LoggerMessage(2010, LogLevel.Warning, "New mount rules are in force, but not all that was cached before was looked at: {Reason}")]
    public static partial void PageRulesNotApplied(this ILogger log, string reason);

    [LoggerMessage(2011, LogLevel.Information, "Mount {Mount} is gone: {Bytes} bytes of its pages are freed")]
    public static partial void MountPagesFreed(this ILogger log, int mount, long bytes);
}
