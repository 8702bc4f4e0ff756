namespace Dora.Core.Linux;

/// <summary><c>struct open_how</c>.</summary>
/// <param name="flags">As <c>openat</c> takes them.</param>
/// <param name="resolve">How the path may lead.</param>
internal readonly struct OpenHow(ulong flags, ulong resolve)
{
    /// <summary>Nothing in the path, link or not, leads above the directory that it starts from.</summary>
    public const ulong Beneath = 0x08;

    /// <summary>No link of <c>/proc</c> is followed.</summary>
    public const ulong NoMagicLinks = 0x02;

    public readonly ulong Flags = flags;
    public readonly ulong Mode = 0;
    public readonly ulong Resolve = resolve;
}
