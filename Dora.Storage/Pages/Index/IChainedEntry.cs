namespace Dora.Storage.Pages.Index;

/// <summary>An element of a <see cref="LinearHash"/>.</summary>
internal interface IChainedEntry
{
    /// <summary>The slot of the next element in the bucket; 0 at its end.</summary>
    int Next { get; set; }

    /// <summary>Decides the bucket; never changes while the element is in one.</summary>
    uint Hash { get; }
}
