using System.Net;
using System.Net.Sockets;
using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel;

/// <summary>
/// The ways for bytes from a segment file to the reader, without any protocol: copy and send, <c>sendfile</c>, and on the same host a descriptor that
/// is passed once. What docs/page-channel.md decides rests on these figures.
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
        foreach (LoadCase load in Sizes)
        {
            Dictionary<string, List<Batch>> batches = await turns.RunAsync([bare, sendFile], load);
            (List<Batch> sent, List<Batch> copied) = (batches[sendFile.Name], batches[bare.Name]);
            string about = $"sendfile, {load.Name}";
            run.Add(new BenchmarkRow(about, "throughput", "MB/s", Throughput(load, sent), Copy, Throughput(load, copied)));
            run.Add(new BenchmarkRow(about, "server CPU per GiB", "s", ServerCpu(load, sent), Copy, ServerCpu(load, copied)));
            run.Add(new BenchmarkRow(about, "client CPU per GiB", "s", ClientCpu(load, sent), Copy, ClientCpu(load, copied)));
        }

        (int wrong, int wrongCopied) = (WrongBytes(files, isCopied: false), WrongBytes(files, isCopied: true));
        run.Add(new BenchmarkRow("sendfile, evicted before it is read", "wrong bytes of 100 KiB", "B", wrong, Copy, wrongCopied));
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
    /// What a peer reads when the sent part of the file is punched out, as an eviction does it, after the kernel took it and before the peer reads it.
    /// On loopback that is so even when TCP has acknowledged every byte: the receive queue refers to the page cache.
    /// </summary>
    private static int WrongBytes(TestFiles files, bool isCopied)
    {
        const int Offset = 4096;
        string path = Path.Combine(files.Directory, "evicted");
        byte[] bytes = new byte[HazardBytes];
        Array.Fill(bytes, (byte)0xAA);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.DeleteOnClose);
        RandomAccess.Write(file, bytes, 0);
        RandomAccess.Write(file, bytes, Offset);
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1 << 20 };
        client.Connect(listener.LocalEndPoint!);
        using Socket server = listener.Accept();
        server.SendBufferSize = 1 << 20;
        int sent = isCopied ? server.Send(bytes) : LinuxSockets.SendFile(server, file, Offset, HazardBytes);
        LinuxSockets.Punch(file, Offset, HazardBytes);
        int wrong = 0;
        for (int have = 0, count; have < sent; have += count)
        {
            count = client.Receive(bytes);
            wrong += count - bytes.AsSpan(0, count).Count((byte)0xAA);
        }

        return wrong;
    }

    private static double P50(List<Batch> batches) => Statistics.Median(batches.Select(static b => b.P50 * 1e6));

    private static double Throughput(LoadCase load, List<Batch> batches) => Statistics.Median(batches.Select(b => b.Requests * load.Bytes / b.Seconds / 1e6));

    private static double ServerCpu(LoadCase load, List<Batch> batches) => batches.Sum(static b => b.ServerCpu) / Gib(load, batches);

    private static double ClientCpu(LoadCase load, List<Batch> batches) => batches.Sum(static b => b.ClientCpu) / Gib(load, batches);

    private static double Gib(LoadCase load, List<Batch> batches) => (double)batches.Sum(static b => b.Requests) * load.Bytes / (1 << 30);
}
