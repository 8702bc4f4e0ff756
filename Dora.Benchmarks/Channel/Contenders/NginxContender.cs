using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>
/// nginx with sendfile and cached file descriptors, one kept-alive HTTP/1.1 connection per caller. The client is a bare socket that finds the end of
/// the head and the length in it: less than any HTTP library does, so that the client is not what is measured.
/// </summary>
internal sealed class NginxContender : IContender
{
    private readonly Process _process;
    private readonly int _port;

    private NginxContender(Process process, int port) => (_process, _port) = (process, port);

    public string Name => "nginx";

    /// <summary>Starts nginx over the files.</summary>
    /// <returns><see langword="null"/> when it is not installed.</returns>
    internal static async Task<NginxContender?> TryStartAsync(TestFiles files)
    {
        string? program = ((string[])["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/bin/nginx", "/opt/homebrew/bin/nginx"]).FirstOrDefault(File.Exists);
        if (program is null)
        {
            return null;
        }

        int port = FreePort();
        string home = Directory.CreateDirectory(Path.Combine(files.Directory, "..", "nginx")).FullName;
        File.WriteAllText(Path.Combine(home, "nginx.conf"), Configuration(home, Path.GetFullPath(files.Directory), port));
        Process process = Process.Start(new ProcessStartInfo(program, ["-p", home, "-c", Path.Combine(home, "nginx.conf"), "-e", Path.Combine(home, "error.log")]))!;
        await WaitForPortAsync(port, process);
        return new NginxContender(process, port);
    }

    public async Task<ICaller> OpenAsync() => new HttpCaller(await BareContender.ConnectAsync(_port));

    /// <summary>The CPU time of its processes, as the kernel counts it (in steps of 10 ms).</summary>
    public Task<ServerSample> SampleAsync()
    {
        double seconds = _process.TotalProcessorTime.TotalSeconds;
        string children = $"/proc/{_process.Id}/task/{_process.Id}/children";
        foreach (string child in File.Exists(children) ? File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) : [])
        {
            using var worker = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture));
            seconds += worker.TotalProcessorTime.TotalSeconds;
        }

        return Task.FromResult(new ServerSample(seconds, null));
    }

    public async ValueTask DisposeAsync()
    {
        // The master ends its workers.
        using (Process stop = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            await stop.WaitForExitAsync();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private static async Task WaitForPortAsync(int port, Process process)
    {
        for (int attempt = 0; attempt < 100; attempt++)
        {
            try
            {
                (await BareContender.ConnectAsync(port)).Dispose();
                return;
            }
            catch (SocketException) when (!process.HasExited)
            {
                await Task.Delay(50);
            }
        }

        throw new InvalidOperationException("nginx did not start: see its error.log");
    }

    private static string Configuration(string home, string root, int port) => $$"""
        daemon off;
        worker_processes auto;
        pid {{home}}/nginx.pid;
        error_log {{home}}/error.log;
        events { worker_connections 1024; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          tcp_nodelay on;
          keepalive_requests 100000000;
          keepalive_timeout 600s;
          open_file_cache max=4000;
          open_file_cache_valid 600s;
          server_tokens off;
          client_body_temp_path {{home}}/t1; proxy_temp_path {{home}}/t2; fastcgi_temp_path {{home}}/t3; uwsgi_temp_path {{home}}/t4; scgi_temp_path {{home}}/t5;
          server { listen 127.0.0.1:{{port}} backlog=512; root {{root}}; }
        }
        """ + (Environment.UserName == "root" ? "\nuser root;\n" : "\n");

    private sealed class HttpCaller(Socket socket) : ICaller
    {
        private static readonly byte[] LengthName = Encoding.ASCII.GetBytes("\r\nContent-Length: ");

        private readonly byte[] _head = new byte[4096];

        public ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            System.Text.Unicode.Utf8.TryWrite(
                _head, $"GET /large HTTP/1.1\r\nHost: a\r\nRange: bytes={offset}-{offset + buffer.Length - 1}\r\n\r\n", out int length);
            return AskAsync(length, buffer);
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer)
        {
            System.Text.Unicode.Utf8.TryWrite(_head, $"GET /{name} HTTP/1.1\r\nHost: a\r\n\r\n", out int length);
            return AskAsync(length, buffer);
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
        private async ValueTask AskAsync(int request, Memory<byte> buffer)
        {
            await socket.SendAsync(_head.AsMemory(0, request), SocketFlags.None);
            int have = 0, end = -1;
            while (end < 0)
            {
                have += await ReceiveAsync(_head.AsMemory(have));
                end = _head.AsSpan(0, have).IndexOf("\r\n\r\n"u8);
            }

            Check(_head.AsSpan(0, end + 2), buffer.Length);
            int body = have - end - 4;
            _head.AsSpan(end + 4, body).CopyTo(buffer.Span);
            for (buffer = buffer[body..]; !buffer.IsEmpty;)
            {
                buffer = buffer[await ReceiveAsync(buffer)..];
            }
        }

        private static void Check(ReadOnlySpan<byte> head, int wanted)
        {
            int at = head.IndexOf(LengthName);
            ReadOnlySpan<byte> value = head[(at + LengthName.Length)..];
            int length = int.Parse(value[..value.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
            if (at < 0 || length != wanted || !head.StartsWith("HTTP/1.1 20"u8))
            {
                throw new IOException($"nginx answered {Encoding.ASCII.GetString(head)}");
            }
        }

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder<>))]
        private async ValueTask<int> ReceiveAsync(Memory<byte> buffer)
        {
            int count = await socket.ReceiveAsync(buffer, SocketFlags.None);
            return count > 0 ? count : throw new IOException("nginx closed the connection");
        }
    }
}
