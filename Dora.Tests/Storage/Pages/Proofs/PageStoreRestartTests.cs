using System.Globalization;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>What a start finds again, how soon, and whether it still knows what is popular.</summary>
public sealed class PageStoreRestartTests(ITestOutputHelper output) : IDisposable
{
    private const double TwoPoints = 0.02;

    private readonly TempDirectory _directory = new();
    private readonly TempDirectory _other = new();

    public void Dispose()
    {
        _directory.Dispose();
        _other.Dispose();
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task HitRatio_OfAZipfTrace_SurvivesACleanRestart()
    {
        double without = await HitRatioWithoutRestartAsync(ZipfReader.Warm);
        var trace = new ZipfReader();
        await using (SegmentPageStore store = ZipfReader.Open(_directory.Path))
        {
            await trace.ReadAsync(store, ZipfReader.Warm);
        }

        await using SegmentPageStore again = ZipfReader.Open(_directory.Path);
        double with = await trace.ReadAsync(again, ZipfReader.Measured) / (double)ZipfReader.Measured;

        output.WriteLine($"{trace}: hit ratio {without:P2} without a restart, {with:P2} after one");
        Assert.InRange(with, without - TwoPoints, 1);
    }

    [Fact]
    [Trait("Category", "Slow")]
    [Trait("Category", "Process")]
    public async Task HitRatio_OfAZipfTrace_SurvivesSigkill()
    {
        int read;
        await using (ChildProcess child = ChildProcess.Start(static lines => lines.Count > 0, ZipfReader.Name, _directory.Path))
        {
            await child.ReachedAsync();
            child.Kill();
            Assert.Equal(137, await child.ExitAsync());
            read = int.Parse(child.Lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        }

        double without = await HitRatioWithoutRestartAsync(read);
        var trace = new ZipfReader();
        trace.Skip(read);
        await using SegmentPageStore again = ZipfReader.Open(_directory.Path);
        await again.WhenRecovered.WaitAsync(TimeSpan.FromMinutes(1));
        double with = await trace.ReadAsync(again, ZipfReader.Measured) / (double)ZipfReader.Measured;

        output.WriteLine($"{trace}: hit ratio {without:P2} without a restart, {with:P2} after SIGKILL");
        Assert.InRange(with, without - TwoPoints, 1);
    }

    [Fact]
    public async Task Start_WhatTheCheckpointKnows_IsServedAtOnce()
    {
        await using (SegmentPageStore store = Open(new FaultyPageDevice()))
        {
            // Before it knows what is there it writes no checkpoint.
            await store.WhenRecovered;
            for (uint page = 0; page < 40; page++)
            {
                store.Put(Key(index: page), 0, Grid);
            }
        }

        // Whatever the store does in the background stands still; only this thread may read.
        using var recovery = new ManualResetEventSlim();
        int here = Environment.CurrentManagedThreadId;
        var device = new FaultyPageDevice
        {
            OnRead = () =>
            {
                if (Environment.CurrentManagedThreadId != here)
                {
                    recovery.Wait();
                }
            },
        };
        SegmentPageStore again = Open(device);
        byte[] buffer = new byte[Grid];
        for (uint page = 0; page < 40; page++)
        {
            Assert.Equal(Grid, again.Read(Key(index: page), 0, buffer));
            Assert.Equal(here, Environment.CurrentManagedThreadId);
            Assert.True(AreRight(Key(index: page), 0, buffer));
        }

        recovery.Set();
        await again.DisposeAsync();
    }

    [Fact]
    public async Task Start_WithoutACheckpoint_FindsAllInTheBackground()
    {
        await using (SegmentPageStore store = Open(new FaultyPageDevice()))
        {
            // Before it knows what is there it writes no checkpoint.
            await store.WhenRecovered;
            for (uint page = 0; page < 40; page++)
            {
                store.Put(Key(index: page), 0, Grid);
            }
        }

        foreach (string file in Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories).Where(static f => Path.GetExtension(f) == ".index"))
        {
            File.Delete(file);
        }

        await using SegmentPageStore again = Open(new FaultyPageDevice());
        await again.WhenRecovered.WaitAsync(TimeSpan.FromMinutes(1));
        for (uint page = 0; page < 40; page++)
        {
            Assert.Equal(Grid, again.ReadChecked(Key(index: page), 0, Grid));
        }
    }

    private SegmentPageStore Open(IPageDevice device) => SegmentPageStore.Open(
        new PageStoreOptions { Directory = _directory.Path, CapacityBytes = 16 * 1024 * 1024 }, TimeProvider.System, NullLogger.Instance, device);

    private async Task<double> HitRatioWithoutRestartAsync(int warm)
    {
        var trace = new ZipfReader();
        await using SegmentPageStore store = ZipfReader.Open(_other.Path);
        await trace.ReadAsync(store, warm);
        return await trace.ReadAsync(store, ZipfReader.Measured) / (double)ZipfReader.Measured;
    }
}
