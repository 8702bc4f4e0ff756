using System.Text.Json.Serialization;

namespace Dora.Cli.Output;

/// <summary>An error as programs get it.</summary>
/// <param name="Code">The name of a <see cref="DoraErrorCode"/>, or of an <see cref="ExitCode"/> for what has none.</param>
/// <param name="ExitCode">What the process ends with.</param>
/// <param name="Message">What happened, and where.</param>
/// <param name="Hint">What to do; <see langword="null"/> when nothing is known to help.</param>
internal sealed record ErrorView(string Code, int ExitCode, string Message, string? Hint)
{
    /// <summary>The line for people.</summary>
    [JsonIgnore]
    public string Line => Hint is null ? Message : $"{Message}: {Hint}";

    /// <summary>An error of Dora.</summary>
    public static ErrorView Of(DoraException e)
    {
        (string message, string? hint) = Advice.Split(e.Message);
        return new ErrorView(Name(e.Code), (int)ExitCodes.Of(e.Code), message, hint);
    }

    /// <summary>Any other error.</summary>
    public static ErrorView Of(ExitCode code, string line)
    {
        (string message, string? hint) = Advice.Split(line);
        return new ErrorView(Name(code), (int)code, message, hint);
    }

    private static string Name<T>(T code)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(code.ToString());
}
