namespace Dora.Cli.Get;

/// <summary>What could not be copied.</summary>
/// <param name="Path">The file or directory.</param>
/// <param name="Message">Why, in one line.</param>
internal readonly record struct GetFailure(string Path, string Message);
