using System.Collections.Concurrent;

namespace Dora.Tests.Doubles;

/// <summary>Runs calls as the thread that receives does, and notes what doubles of disks were asked meanwhile by this thread: it must be nothing.</summary>
internal sealed class ReceivingThread
{
    private readonly ConcurrentQueue<string> _touched = new();
    private int _thread;

    /// <summary>What the thread asked of disks.</summary>
    public string[] Touched => [.. _touched];

    /// <summary>Makes a call as the thread that receives.</summary>
    public T Run<T>(Func<T> call)
    {
        Volatile.Write(ref _thread, Environment.CurrentManagedThreadId);
        try
        {
            return call();
        }
        finally
        {
            Volatile.Write(ref _thread, 0);
        }
    }

    /// <summary>For the hooks of doubles: notes it when the thread that receives is here.</summary>
    public void Note(string what)
    {
        if (Environment.CurrentManagedThreadId == Volatile.Read(ref _thread))
        {
            _touched.Enqueue(what);
        }
    }
}
