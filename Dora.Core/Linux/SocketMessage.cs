namespace Dora.Core.Linux;

/// <summary><c>struct msghdr</c> of 64-bit Linux.</summary>
internal unsafe struct SocketMessage
{
    public void* Name;
    public uint NameLength;
    public IoVector* Parts;
    public nuint PartCount;
    public void* Control;
    public nuint ControlLength;
    public int Flags;
}
