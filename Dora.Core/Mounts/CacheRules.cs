using System.Diagnostics.CodeAnalysis;

namespace Dora;

/// <summary>What a mount may take of the caches. The default value sets no bounds but the caches' own.</summary>
/// <param name="QuotaBytes">The most bytes of pages of the mount that each worker holds; at least <see cref="MinQuotaBytes"/>, or 0 for no quota.</param>
/// <param name="PageTtl">How long after its fill a page may be served, at least a second; zero for as long as it is cached.</param>
public readonly record struct CacheRules(long QuotaBytes, TimeSpan PageTtl)
{
    /// <summary>The smallest quota: 1 MiB.</summary>
    public const long MinQuotaBytes = 1024 * 1024;

    private const string None = "none";

    private static readonly TimeSpan MinPageTtl = TimeSpan.FromSeconds(1);

    /// <summary>Parses the texts of both rules.</summary>
    /// <param name="quota">A size such as <c>10GiB</c> (<see cref="ByteSize"/>), or <c>none</c> or nothing for no quota.</param>
    /// <param name="pageTtl">A time such as <c>7d</c> (<see cref="Duration"/>), or <c>none</c> or nothing for no end.</param>
    /// <param name="rules">The rules, when the result is <see langword="true"/>.</param>
    /// <param name="error">What is wrong in one line, when it is not.</param>
    /// <returns>Whether both are right.</returns>
    public static bool TryParse(string? quota, string? pageTtl, out CacheRules rules, [NotNullWhen(false)] out string? error)
    {
        rules = default;
        if (!TryParseQuota(quota, out long bytes))
        {
            error = $"'{quota}' is no quota: give a size of at least 1MiB such as 10GiB, or none";
            return false;
        }

        if (!TryParseTtl(pageTtl, out TimeSpan ttl))
        {
            error = $"'{pageTtl}' is no page TTL: give a time of at least 1s such as 12h or 7d, or none";
            return false;
        }

        (rules, error) = (new CacheRules(bytes, ttl), null);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>, naming what is wrong.</exception>
    public static CacheRules Parse(string? quota, string? pageTtl) =>
        TryParse(quota, pageTtl, out CacheRules rules, out string? error) ? rules : throw new DoraException(DoraErrorCode.InvalidArgument, error);

    /// <summary>Checks numbers that came from elsewhere.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.InvalidArgument"/>: a bound that no worker could keep.</exception>
    public CacheRules Validated() => QuotaBytes is not 0 and < MinQuotaBytes
        ? throw new DoraException(DoraErrorCode.InvalidArgument, $"a quota of {ByteSize.Text(QuotaBytes)} is too small: give at least {ByteSize.Text(MinQuotaBytes)}, or none")
        : PageTtl != TimeSpan.Zero && (PageTtl < MinPageTtl || PageTtl > Duration.Longest)
            ? throw new DoraException(DoraErrorCode.InvalidArgument, $"a page TTL of {PageTtl} is not from 1 second to 36,500 days: give one that is, or zero for none")
            : this;

    private static bool IsNone(string? text) => string.IsNullOrWhiteSpace(text) || text.Trim() == None;

    private static bool TryParseQuota(string? text, out long bytes)
    {
        bytes = 0;
        return IsNone(text) || (ByteSize.TryParse(text, out bytes) && bytes >= MinQuotaBytes);
    }

    private static bool TryParseTtl(string? text, out TimeSpan ttl)
    {
        ttl = TimeSpan.Zero;
        return IsNone(text) || (Duration.TryParse(text, out ttl) && ttl >= MinPageTtl);
    }
}
