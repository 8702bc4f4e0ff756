using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>A directory that has one entry of each kind, mounted as <c>/m</c>.</summary>
public sealed class EntryTree : IAsyncLifetime
{
    /// <summary>Files whose content is their name.</summary>
    internal static readonly string[] OrdinaryNames = ["a b", "line\nbreak", "esc\u001b[31m", "quote'\"", @"back\slash", "Upper", "upper", "e\u0301", "\u00e9", new('n', 255), "-rf", ".hidden"];

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    internal SmallCluster Cluster { get; } = new(workers: 2, pageCapacity: 64L << 20);

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Of("directory"));
        foreach (string name in OrdinaryNames)
        {
            await File.WriteAllTextAsync(Of(name), name);
        }

        await File.WriteAllTextAsync(Of("file"), "content");
        await File.WriteAllBytesAsync(Of("empty"), []);
        await File.WriteAllTextAsync(Of("directory/below"), "below");
        Directory.CreateDirectory(Of("empty directory"));
        await using (FileStream sparse = File.Create(Of("sparse")))
        {
            sparse.SetLength(1 << 20);
        }

        Assert.Equal(0, link(Of("file"), Of("hard link")));
        File.CreateSymbolicLink(Of("link to file"), "file");
        File.CreateSymbolicLink(Of("link to directory"), "directory");
        File.CreateSymbolicLink(Of("link to nothing"), "nothing");
        File.CreateSymbolicLink(Of("link to itself"), "link to itself");
        File.CreateSymbolicLink(Of("link to outside"), "/etc/hostname");
        File.CreateSymbolicLink(Of("link to device"), "/dev/null");
        Assert.Equal(0, mkfifo(Of("fifo"), 0b110_100_100));
        _socket.Bind(new UnixDomainSocketEndPoint(Of("socket")));
        await File.WriteAllTextAsync(Of(".dora-partial-0"), "half a fi");
        await File.WriteAllTextAsync(Of("replaced\uFFFD"), "x");
        RawName(creat: true);
        await Cluster.StartAsync();
        await using DoraClient client = await Cluster.ConnectAsync();
        await client.Mounts.AddAsync("/m", Cluster.Source);
    }

    public async Task DisposeAsync()
    {
        RawName(creat: false);
        _socket.Dispose();
        await Cluster.DisposeAsync();
    }

    private string Of(string name) => Path.Combine(Cluster.Source, name);

    /// <summary>Makes or removes a file whose name is no UTF-8, which .NET can do neither.</summary>
    private void RawName(bool creat)
    {
        byte[] path = [.. Encoding.UTF8.GetBytes(Of("raw")), 0xFF, 0];
        Assert.Equal(0, creat ? mknod(path, 0x8000 | 0b110_100_100, 0) : unlink(path));
    }

#pragma warning disable IDE1006, SYSLIB1054, CA2101, CA5392 // the C library's names; tests need no marshalling generator
    [DllImport("libc", SetLastError = true)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int link([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("libc", SetLastError = true)]
    private static extern int mknod(byte[] path, int mode, ulong device);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlink(byte[] path);
#pragma warning restore IDE1006, SYSLIB1054, CA2101, CA5392
}
