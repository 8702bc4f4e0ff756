using Dora.Storage.Ufs;

namespace Dora.Tests.Doubles;

/// <summary>
/// A connector to an object store as S3 is one: it speaks ETags, and a question with If-None-Match is answered 304 without a description. Dora hands it versions, so it keeps
/// the tags it has seen, a bounded number.
/// </summary>
/// <param name="mostTags">Tags that are kept.</param>
internal sealed class TaggedUfs(int mostTags) : IUfs
{
    private readonly Dictionary<string, (byte[] Content, string Tag)> _objects = new(StringComparer.Ordinal);
    private readonly Dictionary<FileVersion, string> _tags = [];
    private readonly Queue<FileVersion> _tagsInOrder = new();

    public UfsCapabilities Capabilities => UfsCapabilities.StrongVersions | UfsCapabilities.ConditionalStat;

    /// <summary>What the store was asked and how it answered.</summary>
    public List<string> Log { get; } = [];

    public void Write(string path, byte[] content) => _objects[path] = (content, $"\"{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(content))[..32]}\"");

    public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken) => new(Head(path, ifNoneMatch: null, default));

    public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) =>
        new(Head(path, _tags.GetValueOrDefault(known), known));

    public ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        (byte[] content, string tag) = _objects[path];
        if (FileVersion.FromETag(tag) != version)
        {
            return new(new UfsReadResult(UfsStatus.VersionChanged, 0, $"'{path}' changed"));
        }

        Log.Add($"GET {path}");
        int bytes = (int)Math.Clamp(content.Length - offset, 0, destination.Length);
        content.AsSpan((int)offset, bytes).CopyTo(destination.Span);
        return new(new UfsReadResult(UfsStatus.Ok, bytes));
    }

    public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken) => new(new UfsListResult(UfsStatus.NotSupported, [], null));

    private UfsStatResult Head(string path, string? ifNoneMatch, FileVersion known)
    {
        string question = ifNoneMatch is null ? $"HEAD {path}" : $"HEAD {path} If-None-Match {ifNoneMatch}";
        if (!_objects.TryGetValue(path, out (byte[] Content, string Tag) found))
        {
            Log.Add($"{question}: 404");
            return new UfsStatResult(UfsStatus.NotFound, default);
        }

        Log.Add($"{question}: {(found.Tag == ifNoneMatch ? 304 : 200)}");
        FileVersion version = FileVersion.FromETag(found.Tag);
        Keep(version, found.Tag);
        return version == known
            ? new UfsStatResult(UfsStatus.NotModified, default)
            : new UfsStatResult(UfsStatus.Ok, new UfsStat(FileKind.File, found.Content.Length, DateTimeOffset.UnixEpoch, version));
    }

    private void Keep(FileVersion version, string tag)
    {
        if (_tags.TryAdd(version, tag))
        {
            _tagsInOrder.Enqueue(version);
            if (_tags.Count > mostTags)
            {
                _tags.Remove(_tagsInOrder.Dequeue());
            }
        }
    }
}
