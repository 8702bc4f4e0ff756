namespace Dora.Cli.Output;

/// <summary>
/// Standard output takes no more. Ends a command at once, from wherever it writes; what the process says of it is decided in <see cref="DoraCli"/> alone.
/// </summary>
internal sealed class OutputException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="isReaderGone">Whether who read it has had enough (<c>| head</c>), which is no failure; else it cannot be written to.</param>
    /// <param name="message">One line.</param>
    /// <param name="inner">The cause.</param>
    public OutputException(bool isReaderGone, string message, Exception? inner = null)
        : base(message, inner) => IsReaderGone = isReaderGone;

    /// <summary>Whether who read it has had enough.</summary>
    public bool IsReaderGone { get; }
}
