using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;
using Dora.Tests.Doubles;

namespace Dora.Tests.Storage.Ufs;

/// <summary>A root directory with a connector on it, and a directory beside it that must stay out of reach.</summary>
internal sealed class LocalUfsFixture : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly List<Socket> _sockets = [];

    public LocalUfsFixture()
    {
        Directory.CreateDirectory(_temp["root"]);
        _temp.Write("outside/secret", "secret"u8);
        Ufs = new LocalUfs(_temp["root"]);
    }

    public LocalUfs Ufs { get; }

    /// <summary>Another connector on the root.</summary>
    public LocalUfs WithRuns(ListingRuns runs) => new(_temp["root"], null, runs);

    public string Top => _temp.Path;

    public string Outside => _temp["outside"];

    public string Path(string relative) => _temp["root/" + relative];

    public void Write(string relative, ReadOnlySpan<byte> content) => _temp.Write("root/" + relative, content);

    public void Link(string relative, string target) => File.CreateSymbolicLink(Path(relative), target);

    /// <summary>Points a link elsewhere in one step.</summary>
    public void Relink(string relative, string target)
    {
        Link(relative + ".next", target);
        Assert.Equal(0, rename(Path(relative + ".next"), Path(relative)));
    }

    public void MakeFifo(string relative) => Assert.Equal(0, mkfifo(Path(relative), 0b110_100_100));

    /// <summary>Makes a socket, which is there while it is open.</summary>
    public void MakeSocket(string relative)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _sockets.Add(socket);
        socket.Bind(new UnixDomainSocketEndPoint(Path(relative)));
    }

    /// <summary>Makes an empty file whose name is these bytes, which .NET could not spell.</summary>
    public void WriteRawName(params byte[] name)
    {
        byte[] path = [.. System.Text.Encoding.UTF8.GetBytes(Path(string.Empty)), .. name, 0];
        int descriptor = creat(path, 0b110_100_100);
        Assert.True(descriptor >= 0, "creat failed");
        new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true).Dispose();
    }

    /// <summary>Removes a file whose name is these bytes: .NET cannot, and so cannot remove the directory around it.</summary>
    public void RemoveRawName(params byte[] name)
    {
        byte[] path = [.. System.Text.Encoding.UTF8.GetBytes(Path(string.Empty)), .. name, 0];
        Assert.Equal(0, unlink(path));
    }

    public async Task<UfsStat> StatAsync(string path)
    {
        UfsStatResult result = await Ufs.StatAsync(path, CancellationToken.None);
        Assert.Equal(UfsStatus.Ok, result.Status);
        return result.Stat;
    }

    public async Task<UfsStatus> StatusAsync(string path) => (await Ufs.StatAsync(path, CancellationToken.None)).Status;

    /// <summary>Runs on a thread to which the file system grants no privilege, whoever runs the tests.</summary>
    public static T WithoutPrivilege<T>(Func<T> action)
    {
        T? result = default;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                if (Environment.IsPrivilegedProcess)
                {
                    _ = setfsuid(65534);
                }

                result = action();
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)), "the unprivileged thread did not end in 30 s");
        Assert.Null(failure);
        return result!;
    }

    public void Dispose()
    {
        _sockets.ForEach(static s => s.Dispose());
        _temp.Dispose();
    }

#pragma warning disable IDE1006, SYSLIB1054, CA2101, CA5392 // the C library's names; tests need no marshalling generator
    [DllImport("libc", SetLastError = true)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int rename([MarshalAs(UnmanagedType.LPUTF8Str)] string from, [MarshalAs(UnmanagedType.LPUTF8Str)] string to);

    [DllImport("libc", SetLastError = true)]
    private static extern int creat(byte[] path, int mode);

    [DllImport("libc", SetLastError = true)]
    private static extern int unlink(byte[] path);

    [DllImport("libc", SetLastError = true)]
    private static extern int setfsuid(int user);
#pragma warning restore IDE1006, SYSLIB1054, CA2101, CA5392
}
