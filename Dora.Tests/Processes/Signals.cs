using System.Runtime.InteropServices;

namespace Dora.Tests.Processes;

/// <summary>POSIX signals to processes that a test started.</summary>
internal static partial class Signals
{
    private const int SigCont = 18;
    private const int SigStop = 19;
    private const int SigTerm = 15;

    public static void Terminate(int pid) => Send(pid, SigTerm);

    public static void Stop(int pid) => Send(pid, SigStop);

    public static void Continue(int pid) => Send(pid, SigCont);

    private static void Send(int pid, int signal)
    {
        if (Kill(pid, signal) != 0)
        {
            throw new InvalidOperationException($"signal {signal} to process {pid} failed with error {Marshal.GetLastPInvokeError()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
