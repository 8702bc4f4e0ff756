namespace Dora.Storage.Ufs;

/// <summary>A connector to a store that can be written.</summary>
public interface IWritableUfs : IUfs
{
    /// <summary>Creates or replaces a file whole: readers see the old content or the new, never a mixture.</summary>
    ValueTask<UfsStatus> CreateAsync(string path, Stream content, CancellationToken cancellationToken);

    /// <summary>Deletes a file or an empty directory.</summary>
    ValueTask<UfsStatus> DeleteAsync(string path, CancellationToken cancellationToken);
}
