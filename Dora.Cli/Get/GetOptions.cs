namespace Dora.Cli.Get;

/// <summary>What a copy does with files that are there already, and with links.</summary>
/// <param name="Force">Others are replaced.</param>
/// <param name="Resume">Those of the same length and modification time stay, as copied before.</param>
/// <param name="NoFollow">Symbolic links are left out; else what they lead to is copied, each directory once.</param>
internal readonly record struct GetOptions(bool Force, bool Resume, bool NoFollow);
