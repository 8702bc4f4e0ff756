using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dora;

/// <summary>A path prefix whose cached pages are not evicted, up to a share of each worker's page capacity. What is beyond the share is cached as any other page.</summary>
/// <param name="Prefix">Everything at and below this path. Of nested pins the longest prefix counts.</param>
/// <param name="SharePercent">Percent of each worker's page capacity, 1 to <see cref="MaxTotalPercent"/>.</param>
public sealed record Pin(DoraPath Prefix, int SharePercent)
{
    /// <summary>The share of pins that set none.</summary>
    public const int DefaultSharePercent = 20;

    /// <summary>The most that all pins together may have: a worker needs room to cache what is read now.</summary>
    public const int MaxTotalPercent = 80;

    /// <summary>The most pins a cluster can have.</summary>
    public const int MaxPins = 255;

    /// <summary>Names the pin in the cluster, 1 to <see cref="MaxPins"/>; given when it is added. 0: none yet.</summary>
    public byte Id { get; init; }

    /// <summary>Parses a share such as <c>20%</c> or <c>20</c>; nothing stands for <see cref="DefaultSharePercent"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="percent">The share, when the result is <see langword="true"/>.</param>
    /// <param name="error">What is wrong in one line, when it is not.</param>
    /// <returns>Whether the text is a share.</returns>
    public static bool TryParseShare(string? text, out int percent, [NotNullWhen(false)] out string? error)
    {
        percent = DefaultSharePercent;
        error = null;
        if (string.IsNullOrWhiteSpace(text)
            || (int.TryParse(text.Trim().TrimEnd('%'), NumberStyles.None, CultureInfo.InvariantCulture, out percent) && IsShare(percent)))
        {
            return true;
        }

        error = $"'{text}' is no share: give 1% to {MaxTotalPercent}% of each worker's page capacity, for example 20%";
        return false;
    }

    /// <summary>Whether a number is a share.</summary>
    public static bool IsShare(int percent) => percent is >= 1 and <= MaxTotalPercent;
}
