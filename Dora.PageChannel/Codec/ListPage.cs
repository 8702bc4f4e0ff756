using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of an Ok <see cref="PageChannelOpcode.ListReply"/>, little-endian: one page of a directory, a head and then the entries (<see cref="ListedEntry"/>) without gaps.
/// <code>
///  0  i64  when the store was asked, UTC ticks of 100 ns since 0001-01-01
///  8  u16  n1: bytes of the directory's UFS path; 0: it has none
/// 10  u16  n2: bytes of continuation; 0: that was the last page
/// 12  u32  n3: bytes of fields, see <see cref="ListField"/>
/// 16  n1   the directory's UFS path, UTF-8: those of most entries begin with it
///     n2   where the next page begins, UTF-8
///     n3   fields: 1 which directory it is; 2, once for each reason, what is left out: u8 reason, i64 count, and the first names, each u16 length and UTF-8
/// </code>
/// </summary>
/// <param name="AskedAt">When the store was asked, UTC wall clock of the worker.</param>
/// <param name="UfsPath">The directory's UFS path; empty when it has none.</param>
/// <param name="Continuation">Where the next page begins; <see langword="null"/> after the last.</param>
/// <param name="DirectoryId">Which directory it is, whatever its path; 0: not known.</param>
/// <param name="Skipped">What is left out, by reason.</param>
internal sealed record ListPage(DateTimeOffset AskedAt, string UfsPath, string? Continuation, UInt128 DirectoryId, SkippedEntries[] Skipped)
{
    /// <summary>Bytes before the texts.</summary>
    public const int FixedSize = 16;

    /// <summary>The most bytes of a body. A page that takes more is asked for again with fewer entries.</summary>
    public const int MaxReply = 1024 * 1024;

    private const int SkippedFixed = 9;

    /// <summary>The UFS path of an entry that says none of its own.</summary>
    public string PathOf(string name) => UfsPath.EndsWith('/') ? UfsPath + name : UfsPath + "/" + name;

    /// <summary>Whether an entry's UFS path is <see cref="PathOf"/> its name.</summary>
    public static bool IsIn(ReadOnlySpan<char> directory, ReadOnlySpan<char> name, ReadOnlySpan<char> ufsPath)
    {
        ReadOnlySpan<char> parent = directory is [.. var cut, '/'] ? cut : directory;
        return !directory.IsEmpty && ufsPath.Length == parent.Length + 1 + name.Length && ufsPath.StartsWith(parent, StringComparison.Ordinal)
            && ufsPath[parent.Length] == '/' && ufsPath.EndsWith(name, StringComparison.Ordinal);
    }

    /// <summary>Writes the head.</summary>
    /// <param name="destination">The body.</param>
    /// <returns>Bytes written; 0: it does not fit.</returns>
    public int WriteHead(Span<byte> destination)
    {
        int at = FixedSize;
        if (destination.Length < at || !Encoding.UTF8.TryGetBytes(UfsPath, destination[at..], out int ufs) || ufs > ushort.MaxValue)
        {
            return 0;
        }

        at += ufs;
        if (!Encoding.UTF8.TryGetBytes(Continuation, destination[at..], out int continuation) || continuation > ushort.MaxValue)
        {
            return 0;
        }

        at += continuation;
        if (!TryWriteFields(destination[at..], out int fields))
        {
            return 0;
        }

        WriteInt64LittleEndian(destination, AskedAt.UtcTicks);
        WriteUInt16LittleEndian(destination[8..], (ushort)ufs);
        WriteUInt16LittleEndian(destination[10..], (ushort)continuation);
        WriteInt32LittleEndian(destination[12..], fields);
        return at + fields;
    }

    /// <summary>Reads the head of a body.</summary>
    /// <param name="body">The body; afterwards the entries.</param>
    /// <param name="page">The page.</param>
    /// <returns><see langword="false"/>: the bytes are no page.</returns>
    public static bool TryReadHead(ref ReadOnlySpan<byte> body, [NotNullWhen(true)] out ListPage? page)
    {
        page = null;
        if (body.Length < FixedSize)
        {
            return false;
        }

        long asked = ReadInt64LittleEndian(body);
        int ufs = ReadUInt16LittleEndian(body[8..]), continuation = ReadUInt16LittleEndian(body[10..]);
        uint length = ReadUInt32LittleEndian(body[12..]);
        ReadOnlySpan<byte> rest = body[FixedSize..];
        if ((ulong)asked > (ulong)DateTime.MaxValue.Ticks || length > int.MaxValue || (ulong)rest.Length < (ulong)(ufs + continuation) + length
            || !Utf8.IsValid(rest[..(ufs + continuation)]) || !TryReadFields(rest.Slice(ufs + continuation, (int)length), out UInt128 directory, out List<SkippedEntries> skipped))
        {
            return false;
        }

        page = new ListPage(
            new DateTimeOffset(asked, TimeSpan.Zero),
            Encoding.UTF8.GetString(rest[..ufs]),
            continuation == 0 ? null : Encoding.UTF8.GetString(rest.Slice(ufs, continuation)),
            directory,
            [.. skipped]);
        body = rest[(ufs + continuation + (int)length)..];
        return true;
    }

    private bool TryWriteFields(Span<byte> destination, out int length)
    {
        length = 0;
        if (DirectoryId != UInt128.Zero)
        {
            length = ListField.WriteDirectoryId(destination, DirectoryId);
            if (length == 0)
            {
                return false;
            }
        }

        foreach (SkippedEntries entries in Skipped)
        {
            int bytes = ListField.Write(destination[length..], ListField.Skipped, Bytes(entries));
            if (bytes == 0)
            {
                return false;
            }

            length += bytes;
        }

        return true;
    }

    private static byte[] Bytes(SkippedEntries entries)
    {
        using var value = new MemoryStream();
        Span<byte> head = stackalloc byte[SkippedFixed];
        head[0] = (byte)entries.Reason;
        WriteInt64LittleEndian(head[1..], entries.Count);
        value.Write(head);
        foreach (string name in entries.Names)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(name);
            WriteUInt16LittleEndian(head, (ushort)Math.Min(utf8.Length, ushort.MaxValue));
            value.Write(head[..2]);
            value.Write(utf8);
        }

        return value.ToArray();
    }

    private static bool TryReadFields(ReadOnlySpan<byte> fields, out UInt128 directory, out List<SkippedEntries> skipped)
    {
        directory = default;
        skipped = [];
        while (!fields.IsEmpty)
        {
            if (!ListField.TryRead(ref fields, out byte number, out ReadOnlySpan<byte> value)
                || (number == ListField.DirectoryId && !ListField.TryReadDirectoryId(value, out directory))
                || (number == ListField.Skipped && !TryReadSkipped(value, skipped)))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryReadSkipped(ReadOnlySpan<byte> value, List<SkippedEntries> skipped)
    {
        if (value.Length < SkippedFixed || ReadInt64LittleEndian(value[1..]) is var count && count < 0)
        {
            return false;
        }

        // A reason of a later version is one that this one cannot name.
        var reason = (SkipReason)value[0];
        reason = Enum.IsDefined(reason) ? reason : SkipReason.Unknown;
        List<string> names = [];
        for (ReadOnlySpan<byte> left = value[SkippedFixed..]; !left.IsEmpty;)
        {
            if (left.Length < 2 || ReadUInt16LittleEndian(left) is var length && (left.Length - 2 < length || !Utf8.IsValid(left.Slice(2, length))))
            {
                return false;
            }

            names.Add(Encoding.UTF8.GetString(left.Slice(2, length)));
            left = left[(2 + length)..];
        }

        skipped.Add(new SkippedEntries(reason, count, names));
        return true;
    }
}
