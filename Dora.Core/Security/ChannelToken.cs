using System.Text;

namespace Dora;

/// <summary>The shared secret that the page channel's hello carries, and where it comes from.</summary>
public static class ChannelToken
{
    /// <summary>Names a file with the token.</summary>
    public const string FileVariable = "DORA_TOKEN_FILE";

    /// <summary>Holds the token itself; a file is better: other users can often see a process' environment.</summary>
    public const string Variable = "DORA_TOKEN";

    /// <summary>The longest token in bytes of UTF-8.</summary>
    public const int MaxBytes = 1024;

    /// <summary>
    /// Reads the tokens: of the file, else of the file that <see cref="FileVariable"/> names, else of <see cref="Variable"/>. A file has one token a line; the
    /// first is the one to show, all of them are accepted, so that tokens can be changed worker by worker.
    /// </summary>
    /// <param name="file">A file, or <see langword="null"/> for the environment.</param>
    /// <param name="environment">The environment's variables by name; <see langword="null"/> when there is none of the name.</param>
    /// <returns>The tokens; empty when none is configured.</returns>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the file cannot be read, or a token is empty or too long.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Load(string? file, Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        file ??= environment(FileVariable) is { Length: > 0 } named ? named : null;
        string[] lines = file is not null ? ReadLines(file) : environment(Variable) is { Length: > 0 } token ? [token] : [];
        ReadOnlyMemory<byte>[] tokens = [.. lines.Select(static l => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(l))];
        string where = file is null ? Variable : $"token file '{file}'";
        return file is not null && tokens.Length == 0
            ? throw new DoraException(DoraErrorCode.Configuration, $"{where} is empty: put the token on its first line")
            : tokens.Any(static t => t.Length > MaxBytes)
            ? throw new DoraException(DoraErrorCode.Configuration, $"{where} has a token of more than {MaxBytes} bytes: shorten it")
            : tokens;
    }

    private static string[] ReadLines(string file)
    {
        try
        {
            return [.. File.ReadAllLines(file).Select(static l => l.Trim()).Where(static l => l.Length > 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DoraException(DoraErrorCode.Configuration, $"token file '{file}' cannot be read ({e.Message}): check its path and rights", e);
        }
    }
}
