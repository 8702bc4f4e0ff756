namespace Dora.Storage.Pages;

/// <summary>The outcome of storing bytes of a page. All but the first mean: not cached, serve from the store.</summary>
public enum PutOutcome
{
    /// <summary>Stored and readable.</summary>
    Stored = 0,

    /// <summary>The same bytes were there already.</summary>
    AlreadyStored,

    /// <summary>No room under the cap, and nothing could be evicted (all leased, or larger than the store).</summary>
    Full,

    /// <summary>The disk refused the write (no space, I/O error); counted and logged by the store.</summary>
    Failed,
}
