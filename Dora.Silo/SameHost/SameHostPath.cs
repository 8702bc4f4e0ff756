using Dora.Silo.Hosting;

namespace Dora.Silo.SameHost;

/// <summary>Where the socket for processes of this host is, by the worker's options and environment.</summary>
internal static class SameHostPath
{
    /// <summary>What the options say when they say nothing.</summary>
    public const string Variable = "DORA_SAME_HOST";

    private const string On = "on";
    private const string Off = "off";

    /// <summary>The socket's path, or <see langword="null"/>: none.</summary>
    public static string? For(WorkerOptions options, DataDirectory data) => (options.SameHost ?? Environment.GetEnvironmentVariable(Variable)) switch
    {
        null or "" or Off => null,
        On => data.SameHostSocket,
        { } directory => Path.Combine(Path.GetFullPath(directory), $"{data.WorkerId}.socket"),
    };
}
