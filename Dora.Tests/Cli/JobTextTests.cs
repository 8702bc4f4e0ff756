using Dora.Cli.Commands;
using Dora.Cli.Output;
using Dora.Interfaces;
using Dora.Tests.Doubles;

namespace Dora.Tests.Cli;

public sealed class JobTextTests
{
    private static readonly LoadJobStatus Job = new()
    {
        JobId = "j",
        Path = "/data",
        State = LoadJobState.Running,
        ListingComplete = false,
        FilesFound = 1000,
        BytesFound = 100 << 20,
        FilesDone = 990,
        BytesDone = 80 << 20,
        FilesFailed = 0,
        Failures = [],
        StartedAt = default,
        EndedAt = null,
        BytesFetched = 60 << 20,
        BytesUnderWay = 10 << 20,
    };

    [Fact]
    public void Listing_NoShareIsTold()
    {
        Assert.Null(JobText.Share(Job));
        Assert.Equal("990 files, 90.0 MiB (20.0 MiB were cached before), 5.0 MiB/s; listing: 1,000 files, 100.0 MiB found so far", JobText.Line(Job, 5 << 20));
    }

    [Fact]
    public void Listed_ShareCountsBytesWithinFiles()
    {
        LoadJobStatus listed = Job with { ListingComplete = true, FilesFailed = 2 };

        Assert.Equal(0.9, JobText.Share(listed));
        Assert.Equal("990 of 1,000 files, 2 failed, 90.0 MiB of 100.0 MiB (20.0 MiB were cached before), 5.0 MiB/s, 2.0 s left", JobText.Line(listed, 5 << 20));
        Assert.Equal("990 of 1,000 files, 2 failed, 90.0 MiB of 100.0 MiB (20.0 MiB were cached before)", JobText.Line(listed, null));
        Assert.Equal(0.99, JobText.Share(listed with { BytesFound = 0, BytesDone = 0 }));
        Assert.Equal("990 files, 80.0 MiB; looking whether all of it is held", JobText.Line(listed with { IsChecking = true }, 1));
    }

    [Fact]
    public void Rate_IsOfTheLastSeconds()
    {
        var time = new ManualTimeProvider();
        var rate = new TransferRate(time);

        Assert.Null(rate.Add(1000));
        for (int i = 1; i <= 10; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(100, rate.Add(1000 + (i * 100)));
        }

        time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal(0, rate.Add(2000));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, rate.Add(0)); // it began again
    }
}
