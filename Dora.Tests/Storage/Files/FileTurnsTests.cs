using Dora.Storage.Files;

namespace Dora.Tests.Storage.Files;

public sealed class FileTurnsTests
{
    private static readonly FileId File = FileId.FromUfsPath("memory://root/f");

    private readonly FileTurns _turns = new();

    [Fact]
    public async Task Take_Free_IsGivenAtOnceAndLeavesNothingBehind()
    {
        ValueTask<FileTurn> taken = _turns.TakeAsync(File, CancellationToken.None);

        Assert.True(taken.IsCompletedSuccessfully);
        Assert.Equal(1, _turns.Held);
        (await taken).Dispose();
        Assert.Equal(0, _turns.Held);
    }

    [Fact]
    public async Task Take_Held_WaitsInOrder()
    {
        FileTurn first = await _turns.TakeAsync(File, CancellationToken.None);
        Task<FileTurn> second = _turns.TakeAsync(File, CancellationToken.None).AsTask();
        Task<FileTurn> third = _turns.TakeAsync(File, CancellationToken.None).AsTask();
        Assert.False(second.IsCompleted || third.IsCompleted);

        first.Dispose();
        FileTurn turn = await second;
        Assert.False(third.IsCompleted);
        turn.Dispose();
        (await third).Dispose();
        Assert.Equal(0, _turns.Held);
    }

    [Fact]
    public async Task Take_AnotherFile_DoesNotWait()
    {
        using FileTurn held = await _turns.TakeAsync(File, CancellationToken.None);

        // The same shard, so that a turn is the file's and not the shard's.
        using FileTurn other = await _turns.TakeAsync(new FileId(File.High + 1, File.Low), CancellationToken.None);

        Assert.Equal(2, _turns.Held);
    }

    [Fact]
    public async Task Take_CancelledWhileItWaits_IsPassedOver()
    {
        FileTurn first = await _turns.TakeAsync(File, CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        Task<FileTurn> gone = _turns.TakeAsync(File, cancel.Token).AsTask();
        Task<FileTurn> next = _turns.TakeAsync(File, CancellationToken.None).AsTask();

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        first.Dispose();

        (await next).Dispose();
        Assert.Equal(0, _turns.Held);
    }

    [Fact]
    public async Task Take_TooManyWait_IsRefused()
    {
        FileTurn first = await _turns.TakeAsync(File, CancellationToken.None);
        Task<FileTurn>[] waiting = [.. Enumerable.Range(0, FileTurns.MaxWaitingPerShard).Select(_ => _turns.TakeAsync(File, CancellationToken.None).AsTask())];

        DoraException refused = await Assert.ThrowsAsync<DoraException>(() => _turns.TakeAsync(File, CancellationToken.None).AsTask());
        Assert.Equal(DoraErrorCode.Busy, refused.Code);

        first.Dispose();
        foreach (Task<FileTurn> turn in waiting)
        {
            (await turn).Dispose();
        }

        Assert.Equal(0, _turns.Held);
    }

    [Fact]
    public async Task Take_ManyAtOnce_OneAtATime()
    {
        int inside = 0, most = 0, done = 0;
        await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(async () =>
        {
            for (int i = 0; i < 50; i++)
            {
                using FileTurn turn = await _turns.TakeAsync(File, CancellationToken.None);
                most = Math.Max(most, Interlocked.Increment(ref inside));
                done++;
                await Task.Yield();
                Interlocked.Decrement(ref inside);
            }
        })));

        Assert.Equal((1, 64 * 50), (most, done));
        Assert.Equal(0, _turns.Held);
    }
}
