namespace Dora.Grains.Workers;

/// <summary>The key of a grain that lives on one worker: that worker's id.</summary>
internal static class WorkerKey
{
    /// <summary>A stale directory entry could bring a call to another worker; an answer from there would be a lie.</summary>
    /// <exception cref="SiloUnavailableException">This is another worker.</exception>
    public static void ThrowUnlessHere(string key, ILocalSiloDetails local)
    {
        string? here = WorkerDescriptor.Parse(local.Name)?.Id.Value;
        if (key != here)
        {
            throw new SiloUnavailableException($"worker '{key}' is not active here, this is '{here}': try again, or see the workers (dora workers)");
        }
    }
}
