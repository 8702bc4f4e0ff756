using System.Diagnostics;
using System.Globalization;
using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Frames that are wrong in some way, from a seed: right ones with flipped, set, cut, doubled or added bytes, and plain noise.</summary>
internal sealed class FrameFuzz(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary><c>DORA_FUZZ_FRAMES</c>, else a number for every day. 2000000 is the full count.</summary>
    public static int Count(int byDefault) =>
        int.TryParse(Environment.GetEnvironmentVariable("DORA_FUZZ_FRAMES"), CultureInfo.InvariantCulture, out int count) ? count : byDefault;

    /// <summary><c>DORA_FUZZ_SEED</c>, else 1.</summary>
    public static int Seed => int.TryParse(Environment.GetEnvironmentVariable("DORA_FUZZ_SEED"), CultureInfo.InvariantCulture, out int seed) ? seed : 1;

    public int Next(int below) => _random.Next(below);

    /// <summary>A frame that a client could send, damaged.</summary>
    public byte[] Next()
    {
        if (_random.Next(20) == 0)
        {
            byte[] noise = new byte[_random.Next(1, 200)];
            _random.NextBytes(noise);
            return noise;
        }

        List<byte> frame = [.. Right()];
        for (int i = _random.Next(1, 5); i > 0 && frame.Count > 0; i--)
        {
            Damage(frame);
        }

        return [.. frame];
    }

    private byte[] Right()
    {
        ulong id = (ulong)_random.Next(1, 1000);
        return _random.Next(15) switch
        {
            0 => RawClient.Hello(maxInFlight: _random.Next(1, 100)),
            1 => RawClient.Stat(id, "/a/b" + new string('x', _random.Next(50))),
            2 => RawClient.Cancel(id),
            3 => RawClient.Ping(id),
            4 => Goodbye(),
            5 => Locate(id),
            6 => SameHost(id),
            7 => Known(id),
            8 => Traced(RawClient.Read(id, _random.Next(100_000), _random.Next(2000))),
            9 => List(id),
            10 => View(id),
            11 => Golden("list reply"),
            12 => Golden("view reply"),
            _ => RawClient.Read(id, _random.Next(100_000), _random.Next(2000)),
        };
    }

    private static byte[] Traced(byte[] request)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        request.CopyTo(buffer, 0);
        var span = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        return buffer[..TraceField.Append(buffer, request.Length, span)];
    }

    private static byte[] Goodbye()
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        return buffer[..FrameWriter.WriteGoodbye(buffer, 1, PageChannelStatus.Ok, "bye")];
    }

    private byte[] Locate(ulong id)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        bool isByPath = _random.Next(2) == 0;
        var request = new LocateRequest
        {
            File = isByPath ? default : new FileId(1, 2),
            Version = isByPath ? FileVersion.None : new FileVersion(3),
            Offset = _random.Next(100_000),
            Length = _random.Next(2000),
            Ahead = (long)_random.Next(100) * LocateRequest.AheadStep,
            Path = "/a/b"u8,
        };
        return buffer[..FrameWriter.WriteLocate(buffer, id, 1, request)];
    }

    private byte[] Known(ulong id)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        KnownRequest request = _random.Next(2) == 0
            ? new KnownRequest { Name = "file:///a/b"u8 }
            : new KnownRequest { Flags = KnownFlags.Owned | (_random.Next(2) == 0 ? KnownFlags.Leaving : 0), From = new FileId(1, 2), Name = "w1"u8 };
        return buffer[..FrameWriter.WriteKnown(buffer, id, 1, request)];
    }

    private byte[] List(ulong id)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        var request = new ListRequest { Flags = (ListFlags)_random.Next(2), Limit = _random.Next(1, ListRequest.MaxEntries + 1), Path = "/a/b"u8, Continuation = _random.Next(2) == 0 ? default : "3/c"u8 };
        return buffer[..request.Write(buffer, id, 1)];
    }

    private byte[] View(ulong id)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        return buffer[..new ViewRequest(_random.Next(3), _random.Next(3), TimeSpan.FromMilliseconds(_random.Next(100))).Write(buffer, id, 1)];
    }

    /// <summary>What a worker sends; the other end's reader sees it too.</summary>
    private static byte[] Golden(string name)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        return buffer[..Codec.FrameGoldenTests.Write(name, buffer)];
    }

    private static byte[] SameHost(ulong id)
    {
        byte[] buffer = new byte[FrameHeader.Size];
        return buffer[..FrameWriter.WriteSameHost(buffer, id, 1)];
    }

    private void Damage(List<byte> frame)
    {
        // Half of the time in the header, where it hurts most.
        int at = _random.Next(2) == 0 ? _random.Next(Math.Min(FrameHeader.Size, frame.Count)) : _random.Next(frame.Count);
        switch (_random.Next(6))
        {
            case 0:
                frame[at] = (byte)_random.Next(256);
                break;
            case 1:
                frame.RemoveRange(at, Math.Min(frame.Count - at, _random.Next(1, 16)));
                break;
            case 2:
                frame.InsertRange(at, frame.GetRange(at, Math.Min(frame.Count - at, _random.Next(1, 16))));
                break;
            case 3:
                frame.AddRange(new byte[_random.Next(1, 40)]);
                break;
            default:
                frame[at] ^= (byte)(1 << _random.Next(8));
                break;
        }
    }
}
