namespace Dora.Storage.Pages.Eviction;

/// <summary>
/// Decides which record of a directory goes next. One byte per record in the index, and bounded memory of its own. <see cref="OnHit"/> is called by any
/// number of threads at once and must cost nanoseconds; the rest is called by one thread at a time but for <see cref="OnInsert"/>.
/// </summary>
internal interface IEvictionPolicy
{
    /// <summary>A record is put; returns its first state. Any thread.</summary>
    /// <param name="page">Its page.</param>
    /// <param name="bytes">Bytes of disk it takes.</param>
    /// <param name="loaded">Put by an explicit load: somebody says that it will be read.</param>
    byte OnInsert(in PageKey page, int bytes, bool loaded);

    /// <summary>A record was read. Any thread.</summary>
    void OnHit(ref byte state, in PageKey page);

    /// <summary>Chooses the next victim by walking; gives up (<see langword="false"/>) after a bounded number of steps or when there is no record.</summary>
    bool TryChoose(IRecordWalk walk, out EvictionCandidate victim);

    /// <summary>The victim is gone (or could not be taken: <paramref name="evicted"/> is <see langword="false"/>, a page being sent).</summary>
    void OnEvicted(in EvictionCandidate victim, bool evicted);
}
