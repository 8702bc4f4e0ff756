namespace Dora.Core.Linux;

/// <summary><c>struct pollfd</c>.</summary>
/// <param name="file">The descriptor that is waited for.</param>
/// <param name="events">What for.</param>
internal readonly struct PollEntry(int file, short events)
{
    /// <summary>A write would not wait.</summary>
    public const short Writable = 4;

    public readonly int File = file;
    public readonly short Events = events;
    public readonly short Happened = 0;
}
