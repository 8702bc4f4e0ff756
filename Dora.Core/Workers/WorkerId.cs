using System.Buffers;

namespace Dora;

/// <summary>
/// The stable name of a worker: 1 to 64 characters of a-z, 0-9, '-', '_' and '.'. The ring hashes it, never an address, so that a restarted
/// worker gets its keys, and its warm cache, back.
/// </summary>
public readonly record struct WorkerId : IComparable<WorkerId>
{
    /// <summary>The greatest number of characters.</summary>
    public const int MaxLength = 64;

    private static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly string? _value;

    /// <summary>Creates an id.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>.</exception>
    public WorkerId(string value)
    {
        if (!IsValid(value))
        {
            throw new DoraException(
                DoraErrorCode.InvalidArgument,
                $"worker id '{value}' is not 1 to {MaxLength} characters of a-z, 0-9, '-', '_', '.': choose one that is");
        }

        _value = value;
    }

    /// <summary>The id as text.</summary>
    public string Value => _value ?? string.Empty;

    /// <summary>Whether text is an id.</summary>
    public static bool IsValid(string? value) =>
        value is { Length: > 0 and <= MaxLength } && value.AsSpan().IndexOfAnyExcept(Allowed) < 0;

    /// <inheritdoc/>
    public int CompareTo(WorkerId other) => string.CompareOrdinal(Value, other.Value);

    /// <summary>The id as text.</summary>
    public override string ToString() => Value;
}
