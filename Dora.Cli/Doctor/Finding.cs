namespace Dora.Cli.Doctor;

/// <summary>How a check ended.</summary>
internal enum FindingState
{
    /// <summary>As it should be.</summary>
    Good,

    /// <summary>Works, and is worth knowing.</summary>
    Note,

    /// <summary>Must be mended.</summary>
    Bad,
}

/// <summary>One check's outcome.</summary>
/// <param name="Check">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Fix">What to do; null when nothing.</param>
internal sealed record Finding(string Check, FindingState State, string Detail, string? Fix = null)
{
    public static Finding Good(string check, string detail) => new(check, FindingState.Good, detail);

    public static Finding Note(string check, string detail, string fix) => new(check, FindingState.Note, detail, fix);

    public static Finding Bad(string check, string detail, string fix) => new(check, FindingState.Bad, detail, fix);
}
