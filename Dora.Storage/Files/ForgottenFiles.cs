using Dora.Storage.Metadata;

namespace Dora.Storage.Files;

/// <summary>
/// What was forgotten here, and when: another worker may still know it, and what it knows from before then must not come back. Bounded: when it is full it starts anew, and everything
/// loaded before then counts as forgotten, which costs questions to the store and brings nothing back.
/// </summary>
/// <param name="capacity">Files that are kept apart.</param>
internal sealed class ForgottenFiles(int capacity = ForgottenFiles.DefaultCapacity)
{
    public const int DefaultCapacity = 16_384;

    private readonly Lock _gate = new();
    private readonly Dictionary<FileId, long> _files = [];
    private readonly InvalidatedPaths _paths = new();
    private long _everything = long.MinValue; // ticks of the wall clock, as the values of the table

    /// <summary>Notes that a file was forgotten.</summary>
    public void Add(FileId file, DateTimeOffset at)
    {
        lock (_gate)
        {
            if (_files.Count >= capacity && !_files.ContainsKey(file))
            {
                _everything = Math.Max(_everything, _files.Values.Max());
                _files.Clear();
            }

            _files[file] = Math.Max(at.UtcTicks, _files.GetValueOrDefault(file, long.MinValue));
        }
    }

    /// <summary>Notes that everything at and below a path was forgotten, whatever is known of it here.</summary>
    public void AddUnder(string ufsPath, DateTimeOffset at) => _paths.Add(ufsPath, at);

    /// <summary>Whether a file was forgotten after it was loaded.</summary>
    /// <param name="file">What another worker knows of it.</param>
    /// <param name="doubt">How much later than its stamp says it may have been loaded: the clocks of workers differ.</param>
    public bool Covers(FileMetadata file, TimeSpan doubt)
    {
        DateTimeOffset loaded = file.LoadedAt.UtcTicks > doubt.Ticks ? file.LoadedAt - doubt : DateTimeOffset.MinValue;
        lock (_gate)
        {
            if (loaded.UtcTicks <= _everything || (_files.TryGetValue(file.Id, out long at) && loaded.UtcTicks <= at))
            {
                return true;
            }
        }

        return _paths.HasEnded(file.UfsPath, loaded);
    }
}
