using System.Diagnostics.CodeAnalysis;

namespace Dora;

/// <summary>When cached metadata of a mount must be checked against the store.</summary>
/// <param name="Mode">The rule.</param>
/// <param name="MaxAge">For <see cref="FreshnessMode.MaxAge"/>: the greatest age, more than zero. Zero otherwise.</param>
/// <param name="StaleIfError">How long after it stopped being fresh metadata may still be used while the store cannot be asked (RFC 5861). Zero: not at all.</param>
public readonly record struct Freshness(FreshnessMode Mode, TimeSpan MaxAge, TimeSpan StaleIfError = default)
{
    /// <summary>The store's files never change.</summary>
    public static Freshness Immutable => new(FreshnessMode.Immutable, TimeSpan.Zero);

    /// <summary>Every open asks the store.</summary>
    public static Freshness ValidateOnOpen => new(FreshnessMode.ValidateOnOpen, TimeSpan.Zero);

    /// <summary>The rule of mounts that set none: at most one minute old.</summary>
    public static Freshness Default => new(FreshnessMode.MaxAge, TimeSpan.FromMinutes(1));

    /// <summary>
    /// Parses <c>immutable</c>, <c>validate-on-open</c>, or <c>max-age 10m</c> (units ms, s, m, h, d; at most 36,500 days); the latter two may go on with
    /// <c>stale-if-error 1h</c>.
    /// </summary>
    /// <param name="text">The rule as text.</param>
    /// <param name="freshness">The rule, when the result is <see langword="true"/>.</param>
    /// <param name="error">What is wrong in one line, when it is not.</param>
    /// <returns>Whether the text is a rule.</returns>
    public static bool TryParse(string? text, out Freshness freshness, [NotNullWhen(false)] out string? error)
    {
        error = null;
        string[] words = (text ?? string.Empty).Split([' ', '='], StringSplitOptions.RemoveEmptyEntries);
        TimeSpan staleIfError = TimeSpan.Zero;
        if (words is [not "immutable", .., "stale-if-error", var grace] && Duration.TryParse(grace, out staleIfError))
        {
            words = words[..^2];
        }

        switch (words)
        {
            case ["immutable"]:
                freshness = Immutable;
                return true;
            case ["validate-on-open"]:
                freshness = ValidateOnOpen with { StaleIfError = staleIfError };
                return true;
            case ["max-age", var age] when Duration.TryParse(age, out TimeSpan maxAge):
                freshness = new Freshness(FreshnessMode.MaxAge, maxAge, staleIfError);
                return true;
            default:
                freshness = default;
                error = $"'{text}' is no freshness rule: give immutable, validate-on-open, or max-age with a time such as 'max-age 10m', and 'stale-if-error 1h' after one of the last two if you like";
                return false;
        }
    }

    /// <summary>Whether metadata loaded at <paramref name="loadedAt"/> may be used at <paramref name="now"/> without asking the store.</summary>
    /// <remarks>A stamp from the future (the clock went back) counts as too old unless the rule is <see cref="FreshnessMode.Immutable"/>.</remarks>
    public bool IsFresh(DateTimeOffset loadedAt, DateTimeOffset now) => Mode switch
    {
        FreshnessMode.Immutable => true,
        FreshnessMode.MaxAge => loadedAt <= now && now - loadedAt <= MaxAge,
        _ => false,
    };

    /// <summary>Whether metadata loaded at <paramref name="loadedAt"/> may be used at <paramref name="now"/> because the store cannot be asked.</summary>
    /// <remarks>A stamp from the future counts as too old, as in <see cref="IsFresh"/>.</remarks>
    public bool IsUsableOnError(DateTimeOffset loadedAt, DateTimeOffset now) =>
        IsFresh(loadedAt, now) || (StaleIfError > TimeSpan.Zero && loadedAt <= now && now - loadedAt - MaxAge <= StaleIfError);

    /// <summary>The text that <see cref="TryParse"/> reads.</summary>
    public override string ToString()
    {
        string rule = Mode switch
        {
            FreshnessMode.Immutable => "immutable",
            FreshnessMode.ValidateOnOpen => "validate-on-open",
            _ => "max-age " + Duration.Format(MaxAge),
        };
        return StaleIfError > TimeSpan.Zero ? $"{rule} stale-if-error {Duration.Format(StaleIfError)}" : rule;
    }
}
