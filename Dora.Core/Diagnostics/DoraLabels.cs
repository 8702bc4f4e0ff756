namespace Dora.Diagnostics;

/// <summary>The labels of Dora's instruments and spans, and the values that have a name.</summary>
internal static class DoraLabels
{
    /// <summary>The Dora path of a mount; bounded by the number of mounts.</summary>
    public const string Mount = "dora.mount";

    /// <summary>The worker's id.</summary>
    public const string Worker = "dora.worker";

    /// <summary>
    /// Where bytes or metadata came from. Of a worker's look-up <see cref="Memory"/>, <see cref="Disk"/> or <see cref="Missed"/>; of a client's read <see cref="Cached"/>, or <see cref="Store"/> when a
    /// worker had to ask the store for any of it.
    /// </summary>
    public const string Source = "dora.source";

    /// <summary>What is counted or limited: <see cref="Pages"/> or <see cref="Metadata"/>.</summary>
    public const string Cache = "dora.cache";

    /// <summary>What a store was asked for: read, stat or list.</summary>
    public const string Operation = "dora.operation";

    /// <summary>What became of a job's item: <see cref="Done"/> or <see cref="Failed"/>.</summary>
    public const string Outcome = "dora.outcome";

    /// <summary>A <see cref="DoraErrorCode"/>; absent on success.</summary>
    public const string ErrorType = "error.type";

    public const string Memory = "memory";
    public const string Disk = "disk";
    public const string Missed = "missed";
    public const string Cached = "cache";
    public const string Store = "store";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Pages = "pages";
    public const string Metadata = "metadata";
}
