using System.Net.Sockets;
using Dora.PageChannel.Codec;
using Dora.PageChannel.SameHost;
using Dora.Silo.SameHost;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Silo.SameHost;

/// <summary>Who is let in, what he gets, and that nobody can hold the worker up.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class SameHostDoorTests : IDisposable
{
    private readonly TempDirectory _temporary = new();

    private string File => Path.Combine(_temporary.Path, "segment");

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Ticket_OfThePageChannel_OpensOnce()
    {
        await using SameHostDoor door = Doors.Open(_temporary.Path, static _ => null);
        byte[] ticket = Doors.Ticket(door);

        using Socket? first = await Doors.EnterAsync(door, ticket);
        using Socket? second = await Doors.EnterAsync(door, ticket);

        Assert.NotNull(first);
        Assert.Null(second);
    }

    [Fact]
    public async Task Ticket_MadeUp_IsRefused()
    {
        await using SameHostDoor door = Doors.Open(_temporary.Path, static _ => null);
        _ = Doors.Ticket(door);

        Assert.Null(await Doors.EnterAsync(door, new byte[SameHostReply.KeySize]));
    }

    [Fact]
    public async Task User_OfAnotherName_IsRefusedWithARightTicket()
    {
        await using SameHostDoor door = Doors.Open(_temporary.Path, static _ => null, user: LinuxDescriptors.UserId() + 1);

        Assert.Null(await Doors.EnterAsync(door, Doors.Ticket(door)));
    }

    [Fact]
    public void Tickets_TooOldOrTooMany_AreWorthNothing()
    {
        var time = new FakeTimeProvider();
        var tickets = new SameHostTickets(time);
        byte[] old = tickets.Issue();
        time.Advance(SameHostTickets.Life);
        Assert.False(tickets.TryTake(old));

        byte[] first = tickets.Issue();
        byte[][] others = [.. Enumerable.Range(0, SameHostTickets.Max).Select(_ => tickets.Issue())];
        Assert.False(tickets.TryTake(first));
        Assert.True(tickets.TryTake(others[^1]));
        Assert.False(tickets.TryTake(others[^1]));
    }

    [Fact]
    public async Task Segment_AskedFor_ComesForReadingOnly()
    {
        System.IO.File.WriteAllBytes(File, [1, 2, 3]);
        await using SameHostDoor door = Doors.Open(_temporary.Path, n => n == 7 ? System.IO.File.OpenHandle(File) : null);
        using SameHostSession session = await Doors.SessionAsync(door);

        Assert.NotNull(await session.GetAsync(7).Within("the segment"));
        Assert.Null(await session.GetAsync(8).Within("the answer"));
        Assert.Equal((1, 1L), (session.FileCount, door.Passed));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(door.Path));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(Path.GetDirectoryName(door.Path)!));
    }

    [Fact]
    public async Task Segments_MoreThanTheLimit_TheUnusedOnesAreClosed()
    {
        System.IO.File.WriteAllBytes(File, [1]);
        await using SameHostDoor door = Doors.Open(_temporary.Path, _ => System.IO.File.OpenHandle(File));
        using SameHostSession session = await Doors.SessionAsync(door);
        for (ulong i = 1; i <= SameHostSession.MaxFiles + 20; i++)
        {
            Assert.NotNull(await session.GetAsync(i).Within("a segment"));
        }

        Assert.Equal(SameHostSession.MaxFiles, session.FileCount);
        Assert.Null(session.Find(1));
    }

    [Fact]
    public async Task Client_ThatTakesNoAnswers_IsCutOffAndOthersAreServed()
    {
        System.IO.File.WriteAllBytes(File, [1]);
        await using SameHostDoor door = Doors.Open(_temporary.Path, _ => System.IO.File.OpenHandle(File));
        using Socket stuck = (await Doors.EnterAsync(door, Doors.Ticket(door)))!;
        byte[] names = new byte[1 << 16];
        Task<bool> asking = Task.Run(() => AskUntilCutOff(stuck, names));

        using SameHostSession session = await Doors.SessionAsync(door);
        Assert.NotNull(await session.GetAsync(1).Within("a segment"));
        Assert.True(await asking.Within("the end of the stuck client"));
        await Eventually.Async(() => door.ClientCount == 1, "the stuck client to be forgotten");
    }

    [Fact]
    public async Task Worker_Stops_SessionsEndAndCloseWhatTheyHold()
    {
        System.IO.File.WriteAllBytes(File, [1]);
        SameHostDoor door = Doors.Open(_temporary.Path, _ => System.IO.File.OpenHandle(File));
        using SameHostSession session = await Doors.SessionAsync(door);
        Assert.NotNull(await session.GetAsync(1).Within("a segment"));

        await door.DisposeAsync();

        await Eventually.Async(() => !session.IsOpen && session.FileCount == 0, "the session to end");
        Assert.Null(await session.GetAsync(2).Within("no segment"));
    }

    [Fact]
    public void Path_TooLongForASocket_IsSaidAtStart()
    {
        DoraException e = Assert.Throws<DoraException>(() => Doors.Open(Path.Combine(_temporary.Path, new string('x', 120)), static _ => null));

        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.Contains("--same-host", e.Message, StringComparison.Ordinal);
    }

    private static bool AskUntilCutOff(Socket socket, byte[] names)
    {
        try
        {
            while (true)
            {
                socket.Send(names);
            }
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
