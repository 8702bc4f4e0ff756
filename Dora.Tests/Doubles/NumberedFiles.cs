using System.Buffers.Binary;
using System.Globalization;
using Dora.Storage.Ufs;

namespace Dora.Tests.Doubles;

/// <summary>A store of as many files as wanted, which takes no room: directories <c>0</c>, <c>1</c>, ... with a thousand files each, named and filled with their numbers.</summary>
/// <param name="count">Files.</param>
internal sealed class NumberedFiles(int count) : IUfs
{
    public const int Length = 4;
    private const int EachDirectory = 1000;

    private long _stats;

    /// <summary>Stats so far, conditional ones included.</summary>
    public long Stats => Interlocked.Read(ref _stats);

    public UfsCapabilities Capabilities => UfsCapabilities.None;

    public static string PathOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{number / EachDirectory}/{number}");

    public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _stats);
        return new(
            NumberOf(path) is { } number ? new UfsStatResult(UfsStatus.Ok, StatOf(number))
            : path.Length == 0 || (int.TryParse(path, out int directory) && directory <= (count - 1) / EachDirectory) ? new UfsStatResult(UfsStatus.Ok, Directory)
            : new UfsStatResult(UfsStatus.NotFound, default));
    }

    public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) => StatAsync(path, cancellationToken);

    public ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (NumberOf(path) is not { } number || StatOf(number).Version != version)
        {
            return new(new UfsReadResult(UfsStatus.NotFound, 0, $"'{path}' is not there"));
        }

        byte[] content = new byte[Length];
        BinaryPrimitives.WriteInt32LittleEndian(content, number);
        int bytes = (int)Math.Clamp(Length - offset, 0, destination.Length);
        content.AsSpan((int)offset, bytes).CopyTo(destination.Span);
        return new(new UfsReadResult(UfsStatus.Ok, bytes));
    }

    public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        int from = continuation is null ? 0 : int.Parse(continuation, CultureInfo.InvariantCulture);
        int all = path.Length == 0 ? ((count - 1) / EachDirectory) + 1 : Math.Min(EachDirectory, count - (int.Parse(path, CultureInfo.InvariantCulture) * EachDirectory));
        int to = Math.Min(all, from + limit);
        UfsEntry[] entries = [.. Enumerable.Range(from, to - from).Select(i => EntryOf(path, i))];
        return new(new UfsListResult(UfsStatus.Ok, entries, to < all ? to.ToString(CultureInfo.InvariantCulture) : null));
    }

    private static UfsStat Directory => new(FileKind.Directory, 0, DateTimeOffset.UnixEpoch, FileVersion.None);

    private static UfsStat StatOf(int number) => new(FileKind.File, Length, DateTimeOffset.UnixEpoch, new FileVersion((ulong)number + 1));

    private static UfsEntry EntryOf(string directory, int index)
    {
        if (directory.Length == 0)
        {
            return new UfsEntry(index.ToString(CultureInfo.InvariantCulture), Directory);
        }

        int number = (int.Parse(directory, CultureInfo.InvariantCulture) * EachDirectory) + index;
        return new UfsEntry(number.ToString(CultureInfo.InvariantCulture), StatOf(number));
    }

    private int? NumberOf(string path) =>
        path.IndexOf('/', StringComparison.Ordinal) is > 0 and int slash
        && int.TryParse(path.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < count && PathOf(number) == path
            ? number
            : null;
}
