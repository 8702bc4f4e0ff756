using System.Runtime.CompilerServices;
using System.Text.Json;
using Dora.Cli;
using Dora.Cli.Output;
using Dora.Tests.Waiting;

namespace Dora.Tests.Cli;

public sealed class TerminalTests
{
    [Theory]
    [InlineData(0, """{"entries":[],"rest":7}""")]
    [InlineData(3, """{"entries":[1,2,3],"rest":7}""")]
    public async Task Results_Json_IsOneObject(int count, string expected)
    {
        using var output = new StringWriter();

        await new Terminal(output, TextWriter.Null, json: true).ResultsAsync(NumbersAsync(count), static n => n, static n => $"{n}", static () => new { Rest = 7 });

        Assert.Equal(expected, string.Concat(output.ToString().Where(static c => !char.IsWhiteSpace(c))));
    }

    [Fact]
    public async Task Results_NextIsWaitedFor_ShowsWhatIsThere()
    {
        using var shown = new MemoryStream();
        await using var output = new StreamWriter(shown);
        var second = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Task writing = new Terminal(output, TextWriter.Null, json: false).ResultsAsync(SlowAsync(), static n => n, static n => $"line {n}", NoRest);

        Assert.Equal("line 1\n", System.Text.Encoding.UTF8.GetString(shown.ToArray()));
        second.SetResult();
        await writing.Within("the rest of the lines");

        async IAsyncEnumerable<int> SlowAsync()
        {
            yield return 1;
            await second.Task;
            yield return 2;
        }
    }

    [Fact]
    public async Task Results_ReaderHasEnough_EndsTheWork()
    {
        await using var output = new StreamWriter(new ClosedPipe(), bufferSize: 1024);
        int taken = 0;

        await Assert.ThrowsAsync<OutputException>(() => new Terminal(output, TextWriter.Null, json: false).ResultsAsync(EndlessAsync(), static n => n, static n => $"line {n}", NoRest));

        Assert.InRange(taken, 1, 2000);

        async IAsyncEnumerable<int> EndlessAsync()
        {
            while (true)
            {
                await Task.CompletedTask;
                yield return ++taken;
            }
        }
    }

    [Fact]
    public async Task Results_ReaderHasEnoughWhileTheNextIsWaitedFor_CancelsTheWait()
    {
        await using var output = new StreamWriter(new ClosedPipe(), bufferSize: 1024);
        bool isCancelled = false;

        await Assert.ThrowsAsync<OutputException>(() => new Terminal(output, TextWriter.Null, json: false).ResultsAsync(WaitingAsync(), static n => n, static n => $"line {n}", NoRest))
            .Within("the end of the command");

        Assert.True(isCancelled);

        async IAsyncEnumerable<int> WaitingAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            yield return 1;
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            finally
            {
                isCancelled = true;
            }
        }
    }

    private static object NoRest() => new { Rest = 0 };

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task Results_FailHalfway_JsonIsWholeAndSaysWhy(int before)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new Terminal(output, error, json: true);

        DoraException e = await Assert.ThrowsAsync<DoraException>(() => terminal.ResultsAsync(FailingAsync(), static n => n, static n => $"{n}", NoRest));
        terminal.Failure(ErrorView.Of(e));

        JsonElement written = JsonSerializer.Deserialize<JsonElement>(output.ToString());
        Assert.Equal(before, written.TryGetProperty("entries", out JsonElement entries) ? entries.GetArrayLength() : 0);
        JsonElement said = written.GetProperty("error");
        Assert.Equal(("unavailable", 5, "no worker answered", "try again"), (said.GetProperty("code").GetString(), said.GetProperty("exitCode").GetInt32(), said.GetProperty("message").GetString(), said.GetProperty("hint").GetString()));
        Assert.Equal("dora: no worker answered: try again\n", error.ToString());

        async IAsyncEnumerable<int> FailingAsync()
        {
            for (int i = 0; i < before; i++)
            {
                await Task.Yield();
                yield return i;
            }

            throw new DoraException(DoraErrorCode.Unavailable, "no worker answered: try again");
        }
    }

    [Fact]
    public void Failure_AfterTheResult_LeavesTheResultAlone()
    {
        using var output = new StringWriter();
        var terminal = new Terminal(output, TextWriter.Null, json: true);

        terminal.Result(new { Files = 1 }, static _ => { });
        terminal.Failure(ErrorView.Of(ExitCode.Failed, "late"));

        Assert.Equal(1, JsonSerializer.Deserialize<JsonElement>(output.ToString()).GetProperty("files").GetInt32());
    }

    [Theory]
    [InlineData("'/a: see b' does not exist: the store has nothing at 'file:///a: give'", "'/a: see b' does not exist: the store has nothing at 'file:///a: give'", null)]
    [InlineData("'/a' is a directory: name a file", "'/a' is a directory", "name a file")]
    [InlineData("cannot read '/a': no worker answered (the last: busy): see 'dora workers'", "cannot read '/a': no worker answered (the last: busy)", "see 'dora workers'")]
    [InlineData("a worker's log: check it", "a worker's log", "check it")]
    [InlineData("nothing to split", "nothing to split", null)]
    [InlineData("", "", null)]
    public void Advice_IsWhatStandsBehindTheLastColon(string message, string what, string? hint) => Assert.Equal((what, hint), Advice.Split(message));

    private static async IAsyncEnumerable<int> NumbersAsync(int count)
    {
        for (int i = 1; i <= count; i++)
        {
            await Task.Yield();
            yield return i;
        }
    }

    private sealed class ClosedPipe : MemoryStream
    {
        private bool _isClosed;

        public override void Write(ReadOnlySpan<byte> buffer) => Fail();

        public override void Write(byte[] buffer, int offset, int count) => Fail();

        private void Fail()
        {
            if (!_isClosed)
            {
                _isClosed = true;
                throw new OutputException(isReaderGone: true, "closed");
            }
        }
    }
}
