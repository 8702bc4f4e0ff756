using Dora.Grains.ClusterStore;

namespace Dora.Grains.Jobs;

/// <summary>
/// A part of a load job that is counted as a whole when it is written: a page of a directory with its small files, or one file. What it has found to be done apart (directories, the next page,
/// large files) are its parts. Changed by its <see cref="LoadLedger"/> only.
/// </summary>
/// <param name="listing">What finds it again after the job was taken over.</param>
/// <param name="parent">What found it; <see langword="null"/> when that was written already.</param>
internal sealed class LoadUnit(PendingListing listing, LoadUnit? parent)
{
    /// <summary>What finds it again after the job was taken over.</summary>
    public PendingListing Listing => listing;

    /// <summary>What found it, until that counts as done.</summary>
    public LoadUnit? Parent { get; set; } = parent;

    /// <summary>What it found that is done apart.</summary>
    public List<LoadUnit> Parts { get; } = [];

    /// <summary>Which directory it is, when that was known as it was found; else 0.</summary>
    public UInt128 DirectoryId { get; init; }

    /// <summary>Whether the walk has entered it.</summary>
    public bool IsEntered { get; set; }

    /// <summary>What of it is left out.</summary>
    public SkippedTally Skipped { get; } = new();

    /// <summary>What it counts.</summary>
    public JobCounters Counters { get; set; }

    /// <summary>Its first failures, a line each.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>Its files that are not done.</summary>
    public int Open { get; set; }

    /// <summary>Whether all its files are known.</summary>
    public bool IsListed { get; set; }

    /// <summary>Its place among what is written as pending.</summary>
    public LinkedListNode<LoadUnit>? Pending { get; set; }

    /// <summary>Whether nothing of it is left to do.</summary>
    public bool IsDone => IsListed && Open == 0;
}
