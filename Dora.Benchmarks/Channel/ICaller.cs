namespace Dora.Benchmarks.Channel;

/// <summary>One caller of a contender: asks, waits for the answer, asks again. Has a connection of its own where the contender has one per caller.</summary>
internal interface ICaller : IAsyncDisposable
{
    /// <summary>Fills the buffer with the bytes of the large file from an offset on.</summary>
    ValueTask ReadAsync(long offset, Memory<byte> buffer);

    /// <summary>Opens a small file by its name and reads all of it.</summary>
    ValueTask ReadFileAsync(string name, Memory<byte> buffer);
}
