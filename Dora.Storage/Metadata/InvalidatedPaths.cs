namespace Dora.Storage.Metadata;

/// <summary>
/// The latest invalidations, each with its path and time: what lies at or below the path and was loaded up to that time has ended. For entries that cannot be looked for: negative ones, which
/// are kept without their paths, and those that other workers still hold.
/// Bounded: an invalidation that is pushed out counts for every path, as of its time. Negative entries live for seconds, so for them that matters only after more than
/// <see cref="Capacity"/> different paths in that time.
/// </summary>
internal sealed class InvalidatedPaths
{
    public const int Capacity = 64;

    private readonly Lock _changing = new();
    private volatile Picture _now = new(long.MinValue, []);

    /// <summary>Ends the entries at and below a path that were loaded up to a time.</summary>
    public void Add(string ufsPath, DateTimeOffset until)
    {
        lock (_changing)
        {
            // What lies below is covered by the new one. One from the future, from before the clock was set back, says more and stays.
            var added = new Invalidation(ufsPath, until.UtcTicks);
            List<Invalidation> latest = [.. _now.Latest.Where(known => known.Until > added.Until || !added.Covers(known.Path)), added];
            long everywhere = _now.Everywhere;
            if (latest.Count > Capacity)
            {
                everywhere = Math.Max(everywhere, latest[0].Until);
                latest.RemoveAt(0);
            }

            _now = new Picture(everywhere, [.. latest]);
        }
    }

    /// <summary>Whether an entry has ended.</summary>
    /// <param name="ufsPath">Its path; <see langword="null"/> when nobody knows it: then only what counts for every path does.</param>
    /// <param name="loadedAt">When it was loaded.</param>
    public bool HasEnded(string? ufsPath, DateTimeOffset loadedAt)
    {
        Picture now = _now;
        long loaded = loadedAt.UtcTicks;
        if (loaded <= now.Everywhere)
        {
            return true;
        }

        if (ufsPath is not null)
        {
            foreach (Invalidation known in now.Latest)
            {
                if (loaded <= known.Until && known.Covers(ufsPath))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private readonly record struct Invalidation(string Path, long Until)
    {
        public bool Covers(string path)
        {
            int length = Path.AsSpan().TrimEnd('/').Length;
            return path.AsSpan().StartsWith(Path.AsSpan(0, length), StringComparison.Ordinal) && (path.Length == length || path[length] == '/');
        }
    }

    private sealed record Picture(long Everywhere, Invalidation[] Latest);
}
