namespace Dora;

/// <summary>
/// The one exception type of Dora's public surface. <see cref="Exception.Message"/> is one line that says what went wrong, where, and
/// what to do; <see cref="Code"/> is what a program decides by.
/// </summary>
public sealed class DoraException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="code">What a program decides by; never <see cref="DoraErrorCode.None"/>.</param>
    /// <param name="message">One line: what, where, what to do.</param>
    /// <param name="inner">The cause, if another exception was.</param>
    public DoraException(DoraErrorCode code, string message, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
    }

    /// <summary>What a program decides by.</summary>
    public DoraErrorCode Code { get; }
}
