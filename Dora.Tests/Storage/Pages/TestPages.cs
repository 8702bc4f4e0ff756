using Dora.Storage.Pages;

namespace Dora.Tests.Storage.Pages;

/// <summary>Pages whose right bytes follow from their key, so that any byte read anywhere can be judged.</summary>
internal static class TestPages
{
    public const int Grid = PageGeometry.ExtentGrid;

    public static FileId Id(int number) => FileId.FromUfsPath($"file:///test/{number}");

    public static PageKey Key(int file = 1, ulong version = 1, uint index = 0) => new(Id(file), new FileVersion(version), index);

    /// <summary>The right bytes of a part of a page.</summary>
    public static byte[] Bytes(PageKey page, int offset, int length)
    {
        byte[] bytes = new byte[length];
        Fill(page, offset, bytes);
        return bytes;
    }

    /// <summary>Whether bytes are the right ones of a part of a page.</summary>
    public static bool AreRight(PageKey page, int offset, ReadOnlySpan<byte> bytes)
    {
        byte[] expected = new byte[bytes.Length];
        Fill(page, offset, expected);
        return bytes.SequenceEqual(expected);
    }

    public static PutOutcome Put(this IPageStore store, PageKey page, int offset, int length) => store.Put(page, offset, Bytes(page, offset, length));

    /// <summary>Reads a part and fails the test on any wrong byte.</summary>
    public static int ReadChecked(this IPageStore store, PageKey page, int offset, int length)
    {
        byte[] buffer = new byte[length];
        int read = store.Read(page, offset, buffer);
        Assert.InRange(read, 0, length);
        Assert.True(AreRight(page, offset, buffer.AsSpan(0, read)), $"wrong bytes of {page} at {offset}");
        return read;
    }

    /// <summary>As <see cref="ReadChecked"/>, through a lease.</summary>
    public static bool LeaseChecked(this IPageStore store, PageKey page, int offset, int length)
    {
        if (!store.TryLease(page, offset, length, LocateMode.Wait, out PageLease lease))
        {
            return false;
        }

        using (lease)
        {
            byte[] buffer = new byte[length];
            Assert.Equal(length, lease.Length);
            Assert.Equal(length, RandomAccess.Read(lease.File, buffer, lease.FileOffset));
            Assert.True(AreRight(page, offset, buffer), $"wrong leased bytes of {page} at {offset}");
        }

        return true;
    }

    /// <summary>Noise of a prime length; each page starts elsewhere in it.</summary>
    private static readonly byte[] Noise = MakeNoise();

    private static void Fill(PageKey page, int offset, Span<byte> bytes)
    {
        ulong start = (page.File.Low % 1_000_003) + (page.Version.Value * 7919) + (page.Index * 104_729UL) + (ulong)offset;
        int position = (int)(start % (ulong)Noise.Length);
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, Noise.Length - position);
            Noise.AsSpan(position, count).CopyTo(bytes);
            bytes = bytes[count..];
            position = 0;
        }
    }

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[1_299_709];
        new Random(42).NextBytes(noise);
        return noise;
    }
}
