using Dora.Interfaces;

namespace Dora.Cli.Get;

/// <summary>A file that is to be copied.</summary>
/// <param name="Stat">What the listing told of it.</param>
/// <param name="Directory">Where it goes; to be disposed when it is done.</param>
/// <param name="Name">Its name there.</param>
internal readonly record struct GetItem(FileStat Stat, TargetDirectory Directory, string Name)
{
    /// <summary>Where it goes, for messages.</summary>
    public string Target => Path.Combine(Directory.Path, Name);
}
