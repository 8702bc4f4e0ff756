using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel;

/// <summary>
/// The ways for bytes from a segment file to the reader, without any protocol: copy and send, <c>sendfile</c>, a send from mapped memory, and on the same host a
/// descriptor that is passed once. What docs/page-channel-design.md decides rests on these figures.
/// </summary>
internal static class Transfers
{
    private const string Copy = "plain copy";
    private const int HazardBytes = 100 * 1024;

    private static readonly LoadCase[] Sizes =
    [
        new("64 KiB, 4 connections", 65_536, 4),
        new("100 KB, 16 connections", 100_000, 16),
        new("256 KiB, 4 connections", 262_144, 4),
        new("1 MiB, 1 connection", 1 << 20, 1),
        new("1 MiB, 4 connections", 1 << 20, 4),
    ];

    private static readonly (string Name, Transfer Transfer, bool Acknowledged)[] Hazards =
    [
        ("sendfile, evicted before it is read", Transfer.SendFile, false),
        ("sendfile, evicted when TCP has acknowledged it", Transfer.SendFile, true),
        ("mapped, evicted before it is read", Transfer.Mapped, false),
    ];

    private static readonly LoadCase[] SameHost = [new("4 KiB, 1 caller", 4096, 1), new("1 MiB, 1 caller", 1 << 20, 1), new("1 MiB, 4 callers", 1 << 20, 4)];

    internal static async Task MeasureAsync(BenchmarkRun run, TestFiles files, IContender near, IContender bare)
    {
        if (!OperatingSystem.IsLinux())
        {
            run.Note("sendfile and passed descriptors are measured on Linux only");
            return;
        }

        run.Progress("sendfile, passed descriptors");
        var turns = new Turns(TimeSpan.FromSeconds(run.Quick ? 0.3 : 0.5), TimeSpan.FromSeconds(run.Quick ? 0.2 : 0.4), 5);
        await using var sendFile = new BareContender(await ServerProcess.StartAsync("sendfile", files.Directory), isBlocking: false, "sendfile");
        await using var mapped = new BareContender(await ServerProcess.StartAsync("mapped", files.Directory), isBlocking: false, "mapped");
        foreach (LoadCase load in Sizes)
        {
            Dictionary<string, List<Batch>> batches = await turns.RunAsync([bare, sendFile, mapped], load);
            List<Batch> copied = batches[bare.Name];
            foreach (IContender way in (IContender[])[sendFile, mapped])
            {
                List<Batch> own = batches[way.Name];
                string about = $"{way.Name}, {load.Name}";
                run.Add(new BenchmarkRow(about, "throughput", "MB/s", Throughput(load, own), Copy, Throughput(load, copied)));
                run.Add(new BenchmarkRow(about, "server CPU per GiB", "s", ServerCpu(load, own), Copy, ServerCpu(load, copied)));
                run.Add(new BenchmarkRow(about, "client CPU per GiB", "s", ClientCpu(load, own), Copy, ClientCpu(load, copied)));
            }
        }

        foreach ((string name, Transfer transfer, bool acknowledged) in Hazards)
        {
            run.Add(new BenchmarkRow(name, "wrong bytes of 100 KiB", "B", WrongBytes(files, transfer, acknowledged), Copy, WrongBytes(files, Transfer.Copy, acknowledged)));
        }

        run.Note($"a send from mapped memory whose file was cut short ends with {ErrorWhenCut(files)}; this process goes on");
        await using var passed = new DescriptorContender(await ServerProcess.StartAsync("descriptor", files.Directory), files);
        foreach (LoadCase load in SameHost)
        {
            Dictionary<string, List<Batch>> batches = await turns.RunAsync([near, passed], load);
            string about = $"passed descriptor, {load.Name}";
            run.Add(new BenchmarkRow(about, "p50", "us", P50(batches[passed.Name]), near.Name, P50(batches[near.Name])));
            run.Add(new BenchmarkRow(about, "throughput", "MB/s", Throughput(load, batches[passed.Name]), near.Name, Throughput(load, batches[near.Name])));
        }
    }

    /// <summary>
    /// What a peer reads when the sent part of the file is punched out, as an eviction does it, after the kernel took it, or after TCP has acknowledged every
    /// byte of it, and before the peer reads it. On loopback that is the same: the receive queue refers to the page cache.
    /// </summary>
    private static int WrongBytes(TestFiles files, Transfer transfer, bool acknowledged)
    {
        const int Offset = 4096;
        byte[] bytes = new byte[HazardBytes];
        Array.Fill(bytes, (byte)0xAA);
        using SafeFileHandle file = Evicted(files, Offset, bytes);
        using var mapped = new MappedBytes(EvictedPath(files));
        using Socket client = Connect(out Socket accepted);
        using Socket server = accepted;
        int sent = transfer switch
        {
            Transfer.Copy => server.Send(bytes),
            Transfer.SendFile => LinuxSockets.SendFile(server, file, Offset, HazardBytes),
            _ => mapped.Send(server, Offset, HazardBytes, out _),
        };
        for (long start = Stopwatch.GetTimestamp(); acknowledged && LinuxSockets.Unacknowledged(server) > 0;)
        {
            BenchmarkRun.Check(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(10), "nothing is acknowledged");
            Thread.Yield();
        }

        LinuxSockets.Punch(file, Offset, HazardBytes);
        int wrong = 0;
        for (int have = 0, count; have < sent; have += count)
        {
            count = client.Receive(bytes);
            wrong += count - bytes.AsSpan(0, count).Count((byte)0xAA);
        }

        return wrong;
    }

    /// <summary>The error of a send from mapped memory behind which there is no file any more.</summary>
    private static SocketError ErrorWhenCut(TestFiles files)
    {
        using SafeFileHandle file = Evicted(files, 0, new byte[HazardBytes]);
        using var mapped = new MappedBytes(EvictedPath(files));
        using Socket client = Connect(out Socket accepted);
        using Socket server = accepted;
        RandomAccess.SetLength(file, 0);
        mapped.Send(server, 0, HazardBytes, out SocketError error);
        return error;
    }

    private static string EvictedPath(TestFiles files) => Path.Combine(files.Directory, "evicted");

    private static SafeFileHandle Evicted(TestFiles files, long offset, byte[] bytes)
    {
        SafeFileHandle file = File.OpenHandle(
            EvictedPath(files), FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.Write(file, bytes, offset);
        return file;
    }

    private static Socket Connect(out Socket server)
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1 << 20 };
        client.Connect(listener.LocalEndPoint!);
        server = listener.Accept();
        server.SendBufferSize = 1 << 20;
        return client;
    }

    private static double P50(List<Batch> batches) => Statistics.Median(batches.Select(static b => b.P50 * 1e6));

    private static double Throughput(LoadCase load, List<Batch> batches) => Statistics.Median(batches.Select(b => b.Requests * load.Bytes / b.Seconds / 1e6));

    private static double ServerCpu(LoadCase load, List<Batch> batches) => batches.Sum(static b => b.ServerCpu) / Gib(load, batches);

    private static double ClientCpu(LoadCase load, List<Batch> batches) => batches.Sum(static b => b.ClientCpu) / Gib(load, batches);

    private static double Gib(LoadCase load, List<Batch> batches) => (double)batches.Sum(static b => b.Requests) * load.Bytes / (1 << 30);
}
