using System.CommandLine;

namespace Dora.Cli.Commands;

/// <summary>The Dora path that most commands take.</summary>
internal static class PathArgument
{
    public static Argument<string> Required => new("path") { Description = "Dora path, for example /data/file." };

    public static Argument<string> OrRoot => new("path") { Description = "Dora path (default /).", DefaultValueFactory = static _ => "/" };
}
