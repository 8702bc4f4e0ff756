namespace Dora.Diagnostics;

/// <summary>The labels of Dora's instruments and spans, and the values that have a name.</summary>
internal static class DoraLabels
{
    /// <summary>The Dora path of a mount; bounded by the number of mounts.</summary>
    public const string Mount = "dora.mount";

    /// <summary>The worker's id.</summary>
    public const string Worker = "dora.worker";

    /// <summary>Where bytes or metadata came from: <see cref="Memory"/>, <see cref="Disk"/> or <see cref="Missed"/>.</summary>
    public const string Source = "dora.source";

    /// <summary>What is counted or limited: <see cref="Pages"/> or <see cref="Metadata"/>.</summary>
    public const string Cache = "dora.cache";

    /// <summary>A <see cref="DoraErrorCode"/>; absent on success.</summary>
    public const string ErrorType = "error.type";

    public const string Memory = "memory";
    public const string Disk = "disk";
    public const string Missed = "missed";
    public const string Pages = "pages";
    public const string Metadata = "metadata";
}
