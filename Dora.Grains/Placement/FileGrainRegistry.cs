using System.Collections.Concurrent;

namespace Dora.Grains.Placement;

/// <summary>
/// The file-grain activations of this silo: Orleans keeps its own list to itself. As many entries as activations; a grain adds itself when it is
/// activated and leaves when it is deactivated.
/// </summary>
internal sealed class FileGrainRegistry
{
    private readonly ConcurrentDictionary<GrainId, FileGrainEntry> _entries = new();

    /// <summary>How many activations there are.</summary>
    public int Count => _entries.Count;

    /// <summary>The activations, as they come.</summary>
    public IEnumerable<FileGrainEntry> Entries => _entries.Values;

    /// <summary>Adds an activation; a later activation of the same grain takes the place of an earlier one.</summary>
    public void Add(IGrainContext context) => _entries[context.GrainId] = new FileGrainEntry(context);

    /// <summary>Removes an activation, and only this one.</summary>
    public void Remove(IGrainContext context)
    {
        if (_entries.TryGetValue(context.GrainId, out FileGrainEntry? entry) && ReferenceEquals(entry.Context, context))
        {
            _entries.TryRemove(KeyValuePair.Create(context.GrainId, entry));
        }
    }
}
