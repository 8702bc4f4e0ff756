using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Dora.Grains.ClusterStore;

/// <summary>A place in the list of jobs: behind one that runs, or behind one that has ended. Opaque to callers; text form <c>ended:id</c>.</summary>
/// <param name="EndedAt">Unix milliseconds; <see langword="null"/> for a job that runs.</param>
/// <param name="JobId">The job.</param>
internal sealed record JobPlace(long? EndedAt, string JobId)
{
    /// <summary>Reads the text form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out JobPlace? place)
    {
        place = null;
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        long ended = 0;
        if (colon < 0 || (colon > 0 && !long.TryParse(text.AsSpan(0, colon), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out ended)))
        {
            return false;
        }

        place = new JobPlace(colon == 0 ? null : ended, text[(colon + 1)..]);
        return true;
    }

    /// <summary>The text form.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{EndedAt}:{JobId}");
}
