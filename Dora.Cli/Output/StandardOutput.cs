using System.Runtime.InteropServices;
using System.Text;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Cli.Output;

/// <summary>
/// The process' standard output, as bytes. .NET's own console stream takes every write for done when the reader of a pipe has gone, so that a command
/// would go on with work that nobody wants; this one says so with an <see cref="OutputException"/>.
/// </summary>
internal sealed class StandardOutput : Stream
{
    private const int Descriptor = 1;
    private const int GetDescriptorFlags = 1;
    private const int CloseOnExec = 1;
    private const int GetStatusFlags = 3;
    private const int AccessMode = 3;
    private const int TextBuffer = 16 * 1024;

    private readonly SafeFileHandle? _handle;

    private StandardOutput(SafeFileHandle? handle) => _handle = handle;

    /// <summary>Opens it for text in UTF-8, which is written when the buffer is full and on <see cref="TextWriter.Flush"/>.</summary>
    public static TextWriter OpenText() =>
        new StreamWriter(new StandardOutput(IsInherited(Descriptor) ? new SafeFileHandle(Descriptor, ownsHandle: false) : null), new UTF8Encoding(false), TextBuffer) { NewLine = "\n" };

    /// <summary>
    /// Whether a descriptor was given to the process, to write to. One that was closed (<c>&gt;&amp;-</c>) may be another file by now that the runtime
    /// opened for itself: those are closed on exec, what is inherited cannot be.
    /// </summary>
    public static bool IsInherited(int descriptor)
    {
        int flags = Libc.fcntl(descriptor, GetDescriptorFlags, 0);
        return flags >= 0 && (flags & CloseOnExec) == 0 && (Libc.fcntl(descriptor, GetStatusFlags, 0) & AccessMode) != 0;
    }

    /// <inheritdoc/>
    public override bool CanRead => false;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException("standard output has no length");

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException("standard output has no position");
        set => throw new NotSupportedException("standard output has no position");
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override unsafe void Write(ReadOnlySpan<byte> buffer)
    {
        if (_handle is null)
        {
            throw new OutputException(isReaderGone: false, "standard output is closed: give the command one, for example > /dev/null");
        }

        fixed (byte* start = buffer)
        {
            for (int written = 0; written < buffer.Length;)
            {
                nint count = Libc.write(_handle, start + written, (nuint)(buffer.Length - written));
                if (count < 0)
                {
                    Fail(Marshal.GetLastPInvokeError());
                    continue;
                }

                written += (int)count;
            }
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        // Nothing is kept here.
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("standard output cannot be read");

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("standard output cannot seek");

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException("standard output has no length");

    private static unsafe void WaitWritable()
    {
        var entry = new PollEntry(Descriptor, PollEntry.Writable);
        _ = Libc.poll(&entry, 1, -1);
    }

    private static void Fail(int error)
    {
        switch (error)
        {
            case Errno.Interrupted:
                return;
            case Errno.Again:
                // Somebody made the pipe or terminal that we share non-blocking.
                WaitWritable();
                return;
            case Errno.BrokenPipe:
                throw new OutputException(isReaderGone: true, "standard output was closed by its reader");
            default:
                throw new OutputException(isReaderGone: false, $"standard output cannot be written: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }
}
