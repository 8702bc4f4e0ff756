namespace Dora.Storage.Ufs.Local;

/// <summary>What a name in a directory is.</summary>
/// <param name="Stat">What the kernel says of it; of a link, of what that leads to. Worthless when it cannot be told.</param>
/// <param name="SkipReason">Why a listing leaves it out; <see langword="null"/> when it does not.</param>
/// <param name="IsLink">Whether the name is a symbolic link.</param>
internal readonly record struct LocalChild(LinuxStat Stat, SkipReason? SkipReason, bool IsLink);
