using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Dora.Core.Linux;

/// <summary>Bytes of a mapped file that stay what they are until this is disposed, once; for sending them, without a copy in this process.</summary>
/// <param name="mapping">The file in memory.</param>
/// <param name="file">The file.</param>
/// <param name="position">First byte in it.</param>
/// <param name="length">Number of bytes.</param>
/// <param name="lender">Told when they may change.</param>
/// <param name="loan">What the lender knows them by.</param>
internal readonly struct LentBytes(MappedFile mapping, SafeFileHandle file, long position, int length, ILender lender, ulong loan) : IDisposable
{
    public int Length => length;

    /// <summary>Sends a head and the bytes, as many as the socket takes without waiting; 0: none, also when the connection has ended or the bytes cannot be read.</summary>
    public int Send(SafeSocketHandle socket, ReadOnlySpan<byte> head) => mapping.Send(socket, head, position, length);

    /// <summary>Copies the bytes from one on, in the ordinary way. They were in memory a moment ago: it may wait for a disk, but hardly does.</summary>
    /// <returns><see langword="false"/>: the disk cannot read them.</returns>
    public bool TryCopy(int from, Span<byte> destination)
    {
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            while (!destination.IsEmpty)
            {
                int count = LinuxReads.Read(file, destination, position + from);
                if (count <= 0)
                {
                    return false;
                }

                from += count;
                destination = destination[count..];
            }

            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    public void Dispose() => lender.TakeBack(loan);
}
