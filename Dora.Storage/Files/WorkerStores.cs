namespace Dora.Storage.Files;

/// <summary>A worker's files: what it knows, what it has, and the door to changes of both.</summary>
/// <param name="Catalog">Metadata.</param>
/// <param name="Reader">Data.</param>
/// <param name="Changes">Everything that changes either for one file.</param>
public sealed record WorkerStores(IFileCatalog Catalog, IFileReader Reader, FileChanges Changes);
