using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// Body of an Ok <see cref="PageChannelOpcode.ViewReply"/>, little-endian: the workers of one membership version and the mount table.
/// <code>
///  0  i64  membership version
///  8  i64  version of the mount table
/// 16  u16  n: bytes of cluster id, 0..128
/// 18  u16  workers
/// 20  u16  mounts
/// 22  u16  pins
/// 24  n    cluster id, UTF-8
///     records of the workers, the mounts and the pins; each begins with u16, the bytes of the record that follow: a later version may add fields at its end
///
/// worker   u16 page port, u16 HTTP port or 0, u16 weight, u16 n1, u16 n2, n1 id (ASCII), n2 host (UTF-8)
/// mount    u16 id, u16 replicas, u32 fetch size, i64 quota in bytes or 0, i64 page TTL in ticks or 0, u16 n1, u16 n2, u16 n3, n1 Dora path, n2 UFS root, n3 freshness rule (UTF-8)
/// pin      u8 id, u8 share in percent, u16 n1, n1 Dora path (UTF-8)
/// </code>
/// </summary>
/// <param name="ClusterId">Names the cluster.</param>
/// <param name="MembershipVersion">The membership version of the workers.</param>
/// <param name="Workers">The active workers.</param>
/// <param name="Mounts">The mount table.</param>
internal sealed record ViewBody(string ClusterId, long MembershipVersion, IReadOnlyList<WorkerInfo> Workers, MountTable Mounts)
{
    /// <summary>Bytes before the cluster id.</summary>
    public const int FixedSize = 24;

    /// <summary>The most bytes of a body. A cluster of more is told of by its grains only.</summary>
    public const int MaxReply = 1024 * 1024;

    private const int WorkerFixed = 10;
    private const int MountFixed = 30;
    private const int PinFixed = 4;

    /// <summary>Writes the body.</summary>
    /// <returns><see langword="null"/>: it has more bytes than a body may.</returns>
    public byte[]? Write()
    {
        var body = new ArrayBufferWriter<byte>();
        Span<byte> head = body.GetSpan(FixedSize)[..FixedSize];
        int id = Encoding.UTF8.GetByteCount(ClusterId);
        if (Workers.Count > ushort.MaxValue || Mounts.Mounts.Length > ushort.MaxValue || id > PageChannelProtocol.MaxClusterIdBytes)
        {
            return null;
        }

        WriteInt64LittleEndian(head, MembershipVersion);
        WriteInt64LittleEndian(head[8..], Mounts.Version);
        WriteUInt16LittleEndian(head[16..], (ushort)id);
        WriteUInt16LittleEndian(head[18..], (ushort)Workers.Count);
        WriteUInt16LittleEndian(head[20..], (ushort)Mounts.Mounts.Length);
        WriteUInt16LittleEndian(head[22..], (ushort)Mounts.Pins.Length);
        body.Advance(FixedSize);
        body.Write(Encoding.UTF8.GetBytes(ClusterId));
        bool isWhole = Workers.All(worker => TryWrite(body, worker)) && Mounts.Mounts.All(mount => TryWrite(body, mount)) && Mounts.Pins.All(pin => TryWrite(body, pin));
        return isWhole && body.WrittenCount <= MaxReply ? body.WrittenSpan.ToArray() : null;
    }

    /// <summary>Reads a body.</summary>
    /// <returns><see langword="false"/>: the bytes are none, or say what this version does not know.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, [NotNullWhen(true)] out ViewBody? view)
    {
        view = null;
        if (source.Length < FixedSize || ReadUInt16LittleEndian(source[16..]) is var id && source.Length - FixedSize < id)
        {
            return false;
        }

        long membership = ReadInt64LittleEndian(source), mounts = ReadInt64LittleEndian(source[8..]);
        (int workers, int roots, int pins) = (ReadUInt16LittleEndian(source[18..]), ReadUInt16LittleEndian(source[20..]), ReadUInt16LittleEndian(source[22..]));
        ReadOnlySpan<byte> name = source.Slice(FixedSize, id);
        source = source[(FixedSize + id)..];
        if (membership < 0 || mounts < 0 || !Utf8.IsValid(name))
        {
            return false;
        }

        try
        {
            List<WorkerInfo> active = ReadAll(ref source, workers, ReadWorker);
            var table = new MountTable(mounts, ReadAll(ref source, roots, ReadMount), ReadAll(ref source, pins, ReadPin));
            view = new ViewBody(Encoding.UTF8.GetString(name), membership, active, table);
            return true;
        }
        catch (DoraException)
        {
            // A value that breaks a rule of its type.
            return false;
        }
    }

    private delegate T Reader<T>(ReadOnlySpan<byte> record);

    private static List<T> ReadAll<T>(ref ReadOnlySpan<byte> source, int count, Reader<T> read)
    {
        List<T> all = [];
        for (int i = 0; i < count; i++)
        {
            int length = source.Length < 2 ? throw Cut() : ReadUInt16LittleEndian(source);
            all.Add(source.Length - 2 < length ? throw Cut() : read(source.Slice(2, length)));
            source = source[(2 + length)..];
        }

        return all;
    }

    private static WorkerInfo ReadWorker(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> texts = After(record, WorkerFixed);
        return new WorkerInfo(
            new WorkerId(Text(ref texts, ReadUInt16LittleEndian(record[6..]))),
            Text(ref texts, ReadUInt16LittleEndian(record[8..])),
            ReadUInt16LittleEndian(record),
            ReadUInt16LittleEndian(record[2..]),
            ReadUInt16LittleEndian(record[4..]) is > 0 and <= WorkerDescriptor.MaxWeight and var weight ? weight : throw Cut());
    }

    private static Mount ReadMount(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> texts = After(record, MountFixed);
        int replicas = ReadUInt16LittleEndian(record[2..]);
        uint fetchSize = ReadUInt32LittleEndian(record[4..]);
        long ttl = ReadInt64LittleEndian(record[16..]);
        var path = DoraPath.Parse(Text(ref texts, ReadUInt16LittleEndian(record[24..])));
        var ufs = UfsUri.Parse(Text(ref texts, ReadUInt16LittleEndian(record[26..])));
        bool isRight = Freshness.TryParse(Text(ref texts, ReadUInt16LittleEndian(record[28..])), out Freshness freshness, out _)
            && replicas is >= 1 and <= Mount.MaxReplicas && fetchSize <= int.MaxValue && FetchGeometry.IsValid((int)fetchSize);
        return isRight
            ? new Mount(path, ufs, (int)fetchSize, freshness)
            {
                Id = ReadUInt16LittleEndian(record),
                Replicas = replicas,
                Rules = new CacheRules(ReadInt64LittleEndian(record[8..]), new TimeSpan(ttl)).Validated(),
            }
            : throw Cut();
    }

    private static Pin ReadPin(ReadOnlySpan<byte> record)
    {
        ReadOnlySpan<byte> texts = After(record, PinFixed);
        var prefix = DoraPath.Parse(Text(ref texts, ReadUInt16LittleEndian(record[2..])));
        return Pin.IsShare(record[1]) ? new Pin(prefix, record[1]) { Id = record[0] } : throw Cut();
    }

    private static ReadOnlySpan<byte> After(ReadOnlySpan<byte> record, int fixedSize) => record.Length < fixedSize ? throw Cut() : record[fixedSize..];

    private static string Text(ref ReadOnlySpan<byte> source, int length)
    {
        string text = source.Length < length || !Utf8.IsValid(source[..length]) ? throw Cut() : Encoding.UTF8.GetString(source[..length]);
        source = source[length..];
        return text;
    }

    private static DoraException Cut() => new(DoraErrorCode.Damaged, "a record of the view is cut or out of range");

    private static bool TryWrite(ArrayBufferWriter<byte> body, WorkerInfo worker)
    {
        Span<byte> record = stackalloc byte[WorkerFixed];
        WriteUInt16LittleEndian(record, (ushort)worker.PagePort);
        WriteUInt16LittleEndian(record[2..], (ushort)worker.HttpPort);
        WriteUInt16LittleEndian(record[4..], (ushort)worker.Weight);
        return TryWrite(body, record, worker.Id.Value, worker.Host);
    }

    private static bool TryWrite(ArrayBufferWriter<byte> body, Mount mount)
    {
        Span<byte> record = stackalloc byte[MountFixed];
        WriteUInt16LittleEndian(record, mount.Id);
        WriteUInt16LittleEndian(record[2..], (ushort)mount.Replicas);
        WriteInt32LittleEndian(record[4..], mount.FetchSize);
        WriteInt64LittleEndian(record[8..], mount.Rules.QuotaBytes);
        WriteInt64LittleEndian(record[16..], mount.Rules.PageTtl.Ticks);
        return TryWrite(body, record, mount.Path.Value, mount.Ufs.Value, mount.Freshness.ToString());
    }

    private static bool TryWrite(ArrayBufferWriter<byte> body, Pin pin)
    {
        Span<byte> record = [pin.Id, (byte)pin.SharePercent, 0, 0];
        return TryWrite(body, record, pin.Prefix.Value);
    }

    /// <summary>Writes a record: its length, its fixed part, whose last fields are the lengths of its texts, and the texts.</summary>
    private static bool TryWrite(ArrayBufferWriter<byte> body, Span<byte> record, params ReadOnlySpan<string> texts)
    {
        int length = record.Length;
        for (int i = 0; i < texts.Length; i++)
        {
            int bytes = Encoding.UTF8.GetByteCount(texts[i]);
            length += bytes;
            WriteUInt16LittleEndian(record[(record.Length - (2 * (texts.Length - i)))..], (ushort)Math.Min(bytes, ushort.MaxValue));
        }

        if (length > ushort.MaxValue)
        {
            return false;
        }

        WriteUInt16LittleEndian(body.GetSpan(2), (ushort)length);
        body.Advance(2);
        body.Write(record);
        foreach (string text in texts)
        {
            body.Write(Encoding.UTF8.GetBytes(text));
        }

        return true;
    }
}
