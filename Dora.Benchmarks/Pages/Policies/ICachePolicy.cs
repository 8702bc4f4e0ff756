namespace Dora.Benchmarks.Pages.Policies;

/// <summary>A cache of equal pages, by name only: what a replacement policy would keep.</summary>
internal interface ICachePolicy
{
    /// <summary>Pages it holds now; never more than its capacity.</summary>
    int Count { get; }

    /// <summary>Asks for a page; one that is not there is brought in.</summary>
    /// <param name="page">0 to the trace's number of pages - 1.</param>
    /// <returns>Whether it was there.</returns>
    bool Access(int page);
}
